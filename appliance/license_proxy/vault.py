"""What outlives a restart: the memory in its slots, and the ledger beside it.

Both stand under the install key. Where the memory is lost, or came back from an older
backup, the ledger says what it can; what neither knows is as on the first day.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.license_proxy.book import Moment
from appliance.license_proxy.diary import Diary
from appliance.license_proxy.memory import Memory, Store, secret_of
from appliance.license_proxy.rebuild import is_behind, rebuild
from appliance.license_proxy.site import Accepted
from appliance.logs import logger_for, trouble
from offline_license.clock import Clock
from offline_license.keys import public_bytes

if TYPE_CHECKING:
    from appliance.license_proxy.config import Config
    from appliance.license_proxy.site import Site
    from offline_license.clock import Reading
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.states import Flag

__all__ = ["Vault", "moment"]

_LOG = logger_for("license.memory")


class Vault:
    """The memory and the ledger of one host.

    Attributes:
        memory: what is remembered; replaced by whoever learns something.
        diary: the ledger.
        written_s: run time of the last attempt to write the memory down.
        storage_ok: whether that worked.
    """

    def __init__(
        self, config: Config, key: Ed25519PrivateKey | None, reading: Reading
    ) -> None:
        """Recall what an earlier run remembered, as the next run.

        Args:
            config: paths.
            key: the install key; None without one.
            reading: the clocks of the host.
        """
        self._config = config
        self._key = key
        self._store = Store(config.state, secret_of(key))
        self.diary = Diary(config.ledger)
        self.written_s = 0
        self.storage_ok = True
        recall = self._store.load()
        self.memory = recall.memory or Memory(Clock(config.build_s))
        self.diary.open(key, moment(reading, self.memory.clock))
        past = self.diary.past
        lost = recall.memory is None and (recall.damaged or bool(past.installs))
        older = recall.memory is not None and is_behind(self.memory, past)
        self.memory = replace(
            self.memory,
            epoch=self.memory.epoch + 1,
            rebuilt=self.memory.rebuilt or lost or older,
        )

    def accepted(self) -> Accepted:
        """Return what was accepted before, for judging the files again."""
        memory, past = self.memory, self.diary.past
        return Accepted(
            memory.keyset,
            memory.licenses,
            memory.revocations,
            install_key=self._key,
            highest=past.highest,
            digests=frozenset(past.installs),
        )

    def follow(self, site: Site, reading: Reading) -> None:
        """Go on with what a site has: under its install key, with what is known of it.

        Memory and ledger of another install key stay where they are.
        """
        key = site.install_key
        if key is not None and not _is_same(key, self._key):
            trouble(_LOG, "key.changed", had_one=self._key is not None)
            self._key = key
            self._store = Store(self._config.state, secret_of(key))
            self.diary.open(key, moment(reading, self.memory.clock))
        self.memory = rebuild(self.memory, self.diary.past, site.licenses)
        for one in site.bereft:
            if one.license.install_key is not None:
                past = self.diary.past_under(one.license.install_key)
                self.memory = rebuild(self.memory, past, [one])
        if site.bereft:
            served_s = max(self.memory.key_lost_s, self.diary.key_lost_s())
            self.memory = replace(self.memory, key_lost_s=served_s)

    def save(self, now_s: int, leases: bytes) -> None:
        """Write down; a disk that cannot be written is shown, never a reason to stop.

        Args:
            now_s: run time of the host.
            leases: what the grantor remembers.
        """
        self.written_s = now_s
        self.memory = replace(self.memory, leases=leases)
        try:
            self._store.save(self.memory)
            self.storage_ok = True
        except OSError as error:
            self.storage_ok = False
            trouble(_LOG, "memory.unwritten", errno=error.errno)


def moment(
    reading: Reading, clock: Clock, flags: frozenset[Flag] = frozenset()
) -> Moment:
    """Return a look at the clocks as the ledger takes it."""
    return Moment(
        t_s=max(reading.wall_s, clock.proved_s),
        wall_s=reading.wall_s,
        proved_s=clock.proved_s,
        run_s=reading.boot_s,
        boot_id=reading.boot_id,
        flags=sum(1 << flag for flag in flags),
    )


def _is_same(key: Ed25519PrivateKey, other: Ed25519PrivateKey | None) -> bool:
    return other is not None and public_bytes(key) == public_bytes(other)
