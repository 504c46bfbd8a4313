"""A packet filter that cannot be set is a finding, never a silent gap."""

import pytest

from appliance import firewall
from appliance.firewall import FirewallError


def test_without_nft_the_firewall_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(FirewallError) as refused:
        firewall.remove()

    assert refused.value.code == "ANX-ENG-11"
    assert not firewall.is_applied()
