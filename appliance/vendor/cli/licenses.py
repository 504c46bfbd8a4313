"""`anechoic-vendor license`: issue and renew; the rest is in ``license_acts``."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from appliance.vendor import licensing
from appliance.vendor.cli.common import (
    DAY,
    Keys,
    Output,
    PassphraseFile,
    Replace,
    may_write,
    now_s,
    open_folder,
    read,
    read_passphrase,
    write_output,
)
from appliance.vendor.cli.forms import say_all, show_license, write_forms
from appliance.vendor.cli.terms import (
    CustomerName,
    ExtensionCodes,
    ExtensionDays,
    Features,
    GraceDays,
    KindName,
    Limit,
    MaxBuild,
    NoLimits,
    NotBefore,
    Page,
    Png,
    PostName,
    QrText,
    ReportDays,
    ReportName,
    WarnDays,
    changed_limits,
    changed_terms,
)
from appliance.vendor.lineages import Lineages
from appliance.vendor.page import fits_codes
from appliance.vendor.register import Register
from appliance.vendor.renewal import RenewalOrder, renew_license
from appliance.vendor.requests import read_request
from offline_license.model import Capacity

_TOO_LARGE = (
    "the answer is too large for QR codes; paper and codes carry the license alone, "
    "the new key set comes with the file"
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command("issue")
def license_issue(
    keys: Keys,
    customer: Annotated[str, typer.Option(help="Name shown to the operator.")],
    through: Annotated[
        datetime, typer.Option(help="Last day of validity.", formats=DAY)
    ],
    output: Output,
    request: Annotated[
        Path | None,
        typer.Option(
            help="Request of the site, in any form; - is stdin. Only evaluations and "
            "emergencies can do without.",
        ),
    ] = None,
    kind: KindName = KindName.PRODUCTION,
    grace_days: GraceDays = None,
    not_before: NotBefore = None,
    streams: Annotated[Limit, typer.Option(help="Concurrent streams.")] = None,
    gpus: Annotated[Limit, typer.Option(help="GPUs.")] = None,
    hours: Annotated[Limit, typer.Option(help="Hours of audio.")] = None,
    hosts: Annotated[Limit, typer.Option(help="Hosts.")] = None,
    overdraft: Annotated[Limit, typer.Option(help="Percent above for a day.")] = None,
    feature: Features = None,
    post: Annotated[
        PostName | None, typer.Option(help="After grace; trickle by default.")
    ] = None,
    warn_days: WarnDays = None,
    extension_codes: ExtensionCodes = None,
    extension_days: ExtensionDays = None,
    report: Annotated[
        ReportName | None, typer.Option(help="Usage reports; condition of renewals.")
    ] = None,
    report_days: ReportDays = None,
    max_build_date: MaxBuild = None,
    keyset_version: Annotated[
        int | None, typer.Option(help="Least key set the site must have.")
    ] = None,
    add_on: Annotated[
        bool, typer.Option("--add-on", help="Add to the license of the request.")
    ] = False,
    parent: Annotated[
        str | None, typer.Option(help="Add to the license with this serial.")
    ] = None,
    supersedes: Annotated[
        list[str] | None, typer.Option(help="Serial of a license it replaces; repeat.")
    ] = None,
    page: Page = None,
    qr_text: QrText = None,
    png: Png = None,
    replace_file: Replace = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Answer a site's request with a first license, bound to its host.

    What is not given is without limit. Terms that make no sense are refused; unusual
    ones are named. `license renew` issues the next ones from these terms.
    """
    folder = open_folder(keys)
    may_write(output, replace=replace_file)
    data = None if request is None else read(request)
    lineages = Lineages(Register(folder.files.register).entries())
    terms = licensing.LicenseTerms(
        licensee=customer,
        through=through.date(),
        capacity=Capacity(streams, gpus, hours, hosts, overdraft),
        customer=customer,
        parent=_parent(lineages, data, parent, add_on=add_on),
        superseded=tuple(lineages.named(n).license.lid for n in supersedes or ()),
    )
    changes = changed_terms(
        customer=None,
        grace_days=0
        if kind is KindName.EVALUATION and grace_days is None
        else grace_days,
        kind=kind,
        features=feature,
        post=post,
        warn_days=warn_days,
        extension_codes=extension_codes,
        extension_days=extension_days,
        not_before=not_before,
        report=report,
        report_days=report_days,
        max_build_date=max_build_date,
        keyset_version=keyset_version,
    )
    issued = licensing.issue_license(
        data,
        folder.license,
        read_passphrase(passphrase_file),
        replace(terms, **changes),
        now=now_s(),
    )
    write_output(output, issued.text.encode())
    show_license(issued.license, output)
    say_all("unusual", issued.advice)
    write_forms(issued.license, issued.data, issued.text, page, qr_text, png)


@app.command("renew")
def license_renew(
    keys: Keys,
    request: Annotated[
        Path,
        typer.Argument(help="Request as file or as text of its QR code; - is stdin."),
    ],
    output: Output,
    through: Annotated[
        datetime | None,
        typer.Option(help="Last day; as long as before by default.", formats=DAY),
    ] = None,
    plain: Annotated[
        Path | None, typer.Option(help="File for the license alone (.alic).")
    ] = None,
    license_: Annotated[
        str, typer.Option("--license", help="Serial to renew; the request's otherwise.")
    ] = "",
    new_installation: Annotated[
        bool,
        typer.Option("--new-installation", help="The host was set up anew."),
    ] = False,
    without_report: Annotated[
        bool,
        typer.Option("--without-report", help="Renew though a usage report is due."),
    ] = False,
    customer: CustomerName = None,
    kind: KindName | None = None,
    grace_days: GraceDays = None,
    not_before: NotBefore = None,
    streams: Annotated[Limit, typer.Option(help="Concurrent streams.")] = None,
    gpus: Annotated[Limit, typer.Option(help="GPUs.")] = None,
    hours: Annotated[Limit, typer.Option(help="Hours of audio.")] = None,
    hosts: Annotated[Limit, typer.Option(help="Hosts.")] = None,
    overdraft: Annotated[Limit, typer.Option(help="Percent above for a day.")] = None,
    no_limit: NoLimits = None,
    feature: Features = None,
    post: PostName | None = None,
    warn_days: WarnDays = None,
    extension_codes: ExtensionCodes = None,
    extension_days: ExtensionDays = None,
    report: ReportName | None = None,
    report_days: ReportDays = None,
    max_build_date: MaxBuild = None,
    keyset_version: int | None = None,
    page: Page = None,
    qr_text: QrText = None,
    png: Png = None,
    replace_file: Replace = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Answer a request with the next license of its lineage.

    The last terms are kept; options change them. The answer is one file with license,
    key set, revocation list and what was acknowledged of the usage ledger.
    """
    folder = open_folder(keys)
    may_write(output, replace=replace_file)
    may_write(plain, replace=replace_file)
    capacity = Capacity(streams, gpus, hours, hosts, overdraft)
    order = RenewalOrder(
        through=None if through is None else through.date(),
        lineage=license_,
        new_installation=new_installation,
        without_report=without_report,
        limits=changed_limits(capacity, no_limit),
        changes=changed_terms(
            customer=customer,
            grace_days=grace_days,
            kind=kind,
            features=feature,
            post=post,
            warn_days=warn_days,
            extension_codes=extension_codes,
            extension_days=extension_days,
            not_before=not_before,
            report=report,
            report_days=report_days,
            max_build_date=max_build_date,
            keyset_version=keyset_version,
        ),
    )
    made = renew_license(
        read(request),
        folder.license,
        read_passphrase(passphrase_file),
        order,
        now=now_s(),
    )
    write_output(output, made.text.encode())
    if plain is not None:
        write_output(plain, made.issued.text.encode())
    show_license(made.issued.license, output)
    say_all("gains", made.changes.gains)
    say_all("loses", made.changes.losses)
    say_all("unusual", made.issued.advice)
    say_all("note", made.notes)
    data, text = made.carried
    if not fits_codes(data):
        data, text = made.issued.data, made.issued.text
        if page or qr_text or png:
            say_all("note", (_TOO_LARGE,))
    write_forms(made.issued.license, data, text, page, qr_text, png)


def _parent(
    lineages: Lineages, request: bytes | None, name: str | None, *, add_on: bool
) -> bytes | None:
    """Return the lineage that an add-on belongs to."""
    if name is not None:
        return lineages.named(name).license.lid
    if not add_on:
        return None
    asked = read_request(request, lineages) if request else None
    if asked is None or asked.lid is None:
        raise typer.BadParameter("the request names no license; give --parent")
    return asked.lid
