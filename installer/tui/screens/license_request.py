"""The license request on the screen: a QR code to photograph, files to carry."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static
from typing_extensions import override

from installer.findings import Finding
from installer.protocol import LicenseRequestBody
from installer.qr import Code, Screen, best, encode, png
from installer.tui import text
from installer.tui.screens.license_page import LicensePage
from installer.tui.screens.page import Rule
from installer.tui.screens.save import SaveDialog
from installer.tui.widgets.actions import ActionRow, Choice
from installer.tui.widgets.banner import LicenseBanner
from installer.tui.widgets.chrome import KeyLine, TooSmall
from installer.tui.widgets.finding import FindingView
from installer.tui.widgets.qr import Blocks, Ink, QrView

SIDE = 34
FRAMED_ROWS = 1


class LicenseRequestScreen(LicensePage):
    """Words and actions on the left, the code on the right over the full height."""

    topic = "license-request"
    choices: ClassVar[tuple[Choice, ...]] = (
        Choice("save", "Save the file"),
        Choice("picture", "Save as picture"),
        Choice("turn", "Next code"),
        Choice("form", "Other form"),
        Choice("blocks", "Other blocks"),
        Choice("letters", "As text"),
        Choice("back", "Back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "save", "Save"),
        Binding("f6", "save", "Save", show=False),
        Binding("p", "picture", "Picture", show=False),
        Binding("f8", "picture", "Picture", show=False),
        Binding("n", "turn", "Turn"),
        Binding("f3", "turn", "Turn", show=False),
        Binding("f", "form", "Form"),
        Binding("f5", "form", "Form", show=False),
        Binding("b", "blocks", "Blocks", show=False),
        Binding("f9", "blocks", "Blocks", show=False),
        Binding("x", "invert", "Invert", show=False),
        Binding("f11", "invert", "Invert", show=False),
        Binding("t", "letters", "Text"),
        Binding("f12", "letters", "Text", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._request: LicenseRequestBody | None = None
        self._refusal: Finding | None = None
        self._short = True
        self._blocks = Blocks.HALF
        self._inverted = False
        self._letters = False
        self._at = 0

    @override
    def compose(self) -> ComposeResult:
        yield TooSmall()
        with Vertical(id="page"):
            with Horizontal(id="request"):
                with Vertical(id="request-side"):
                    yield Static(text.REQUEST_TITLE, id="request-title")
                    yield LicenseBanner(hintless=True)
                    yield Rule()
                    yield Static(id="request-words")
                    yield FindingView()
                    yield Static(id="notice")
                    yield ActionRow(self.choices)
                with VerticalScroll(id="code-area", can_focus=False):
                    yield QrView()
            yield KeyLine()

    def on_mount(self) -> None:
        """Have the request made."""
        if not self.owner.face.utf8:
            self._blocks = Blocks.FULL
        self.refill()
        self.ask(
            text.MAKING_REQUEST,
            self.owner.engine.license_request,
            then=self._made,
            refused=self._refused,
        )

    def _made(self, request: LicenseRequestBody) -> None:
        self._request, self._refusal = request, None
        self._short = bool(request.mini)
        self.refill()
        self.actions.focus_first()

    def _refused(self, finding: Finding) -> None:
        self._refusal = finding
        self.refill()
        self.actions.item("back").focus()

    @property
    def room(self) -> Screen:
        """Return the cells that a code may take."""
        columns = self.size.width - SIDE
        rows = self.size.height - FRAMED_ROWS
        return Screen(columns, rows, full=self._blocks is Blocks.FULL)

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the texts of the codes of the chosen form, whole where it fits."""
        if self._request is None:
            return ()
        if self._short and self._request.mini:
            return self._request.mini
        whole = self._request.whole
        if whole and best(whole, self.room) is not None:
            return (whole,)
        return self._request.frames or (whole,)

    @property
    def code(self) -> Code | None:
        """Return the code to show; None while there is none, or none that fits."""
        texts = self.texts
        return best(texts[self._at % len(texts)], self.room) if texts else None

    @override
    def refill(self) -> None:
        ready = self._request is not None
        for choice in self.choices[:-1]:
            self.actions.allow(choice.action, allowed=ready)
        self.actions.allow("turn", allowed=len(self.texts) > 1)
        both = self._request is not None and bool(self._request.mini)
        self.actions.allow("form", allowed=both)
        self.query_one(FindingView).show(self._refusal)
        self.query_one("#request-words", Static).update(self._words())
        self._draw()

    def _draw(self) -> None:
        view, code = self.query_one(QrView), self.code
        area = self.query_one("#code-area", VerticalScroll)
        area.can_focus = self._letters
        if self._request is None:
            view.say("")
        elif self._letters:
            view.say(self._request.armored)
        elif code is None:
            view.say(self._too_small())
        else:
            quiet = self.room.quiet(code) or 0
            view.show(code, quiet, self._blocks, self._ink, inverted=self._inverted)

    @property
    def _ink(self) -> Ink:
        if not self.owner.face.color:
            return Ink.NONE
        return Ink.ANSI if self.app.native_ansi_color else Ink.TRUE

    def _words(self) -> str:
        if self._request is None:
            return ""
        texts, code = self.texts, self.code
        short = self._short and bool(self._request.mini)
        lines = [
            f"Installation {self._request.installation}",
            f"License {self._request.serial or 'none yet'}",
            "",
            text.REQUEST_SHORT if short else text.REQUEST_FULL,
        ]
        if code is not None:
            at = self._at % len(texts) + 1
            lines.append(f"Code {at} of {len(texts)}, {self._blocks.value}")
        return "\n".join(lines)

    def _too_small(self) -> str:
        """Say what terminal the code needs, and what to do without one."""
        texts = self.texts
        code = encode(texts[self._at % len(texts)], "L") if texts else None
        side = 0 if code is None else code.size + 4
        full = self._blocks is Blocks.FULL
        columns = SIDE + (2 * side if full else side)
        rows = FRAMED_ROWS + (side if full else (side + 1) // 2)
        return text.REQUEST_TOO_SMALL.format(
            columns=columns, rows=rows, width=self.size.width, height=self.size.height
        )

    def action_turn(self) -> None:
        """Show the next code of several."""
        if len(self.texts) > 1:
            self._at = (self._at + 1) % len(self.texts)
            self.refill()

    def action_form(self) -> None:
        """Change between the short and the full form."""
        if self._request is not None and self._request.mini:
            self._short, self._at = not self._short, 0
            self.refill()

    def action_blocks(self) -> None:
        """Change between half and full blocks."""
        full = self._blocks is Blocks.FULL
        self._blocks = Blocks.HALF if full else Blocks.FULL
        self.refill()

    def action_invert(self) -> None:
        """Swap dark and light, for a light terminal without color."""
        self._inverted = not self._inverted
        self.refill()

    def action_letters(self) -> None:
        """Show the request as text, to be copied from the terminal, or the code."""
        self._letters = not self._letters
        self.refill()

    def action_save(self) -> None:
        """Ask where to write the request file."""
        if self._request is not None:
            self._save(self._request.filename, self._request.armored.encode())

    def action_picture(self) -> None:
        """Ask where to write the code as a picture."""
        texts = self.texts
        code = encode(texts[self._at % len(texts)]) if texts else None
        if self._request is not None and code is not None:
            name = Path(self._request.filename).stem
            number = f"-{self._at + 1}" if len(texts) > 1 else ""
            self._save(f"{name}{number}.png", png(code))

    def _save(self, name: str, data: bytes) -> None:
        self.ask(
            text.LOOKING_MEDIA,
            self.owner.find_places,
            then=lambda places: self._ask_where(name, data, places),
            refused=self._refused,
        )

    def _ask_where(self, name: str, data: bytes, places: tuple[Path, ...]) -> None:
        dialog = SaveDialog(
            "Write the license request",
            text.REQUEST_SAVE,
            suggestion=str(self.owner.surroundings.kept / name),
            data=data,
            folders=places,
        )
        self.app.push_screen(dialog, self._written)

    def _written(self, path: str | None) -> None:
        if path:
            self.notice(f"Written: {path}", "$success")
