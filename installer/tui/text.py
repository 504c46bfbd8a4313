"""Every sentence the screens say. What is, what it means, what to do next."""

from typing import Final

from installer.tui.state import Stage

HEADINGS: Final = {
    Stage.WELCOME: "This machine becomes a speech-to-text appliance",
    Stage.CHECKS: "Is this machine ready?",
    Stage.MEDIUM: "Where is the release medium?",
    Stage.LICENSE: "Which license is for this machine?",
    Stage.SETTINGS: "How shall it run?",
    Stage.PLAN: "What will be done",
    Stage.INSTALL: "Installing",
    Stage.DONE: "The appliance is ready",
}
LEADS: Final = {
    Stage.WELCOME: (
        "Programs on your network send audio and get text back. Everything comes from "
        "the medium you carried in; nothing leaves this machine."
    ),
    Stage.CHECKS: "Looking changes nothing. Choose a line to see what it means.",
    Stage.MEDIUM: "Its signatures are verified before anything else on it is read.",
    Stage.LICENSE: "Without one everything starts, but refuses work until you add it.",
    Stage.SETTINGS: "The defaults suit a first installation.",
    Stage.PLAN: "Nothing has been changed, and nothing will be until you choose Install.",
    Stage.INSTALL: "You may leave, or lose the connection: the work goes on.",
    Stage.DONE: "Every service is healthy and the way out of the machine is closed.",
}
WELCOME_STEPS: Final = (
    ("Checks", "the machine is looked at; nothing is changed"),
    ("Medium", "the release is verified by its signatures"),
    ("License", "the license for this machine is verified"),
    ("Settings", "address, ports, workers; defaults are fine"),
    ("Plan", "every step with size and time; you decide"),
    ("Install", "runs in the engine; you may leave and come back"),
)
ASKING: Final = "Asking the engine"
CHECKING: Final = "Looking at the machine"
VERIFYING: Final = "Verifying the medium"
VERIFYING_LICENSE: Final = "Verifying the license"
PLANNING: Final = "Making the plan"
STARTING: Final = "Starting the installation"
NOT_INSTALLED: Final = "Nothing is installed on this machine yet."
UNFINISHED: Final = (
    "The last installation did not finish. Finished steps are kept; going through the "
    "pages again carries on from there."
)
CARRY_ON: Final = (
    "The last installation did not finish. Finished steps are kept: Carry on continues "
    "with the same answers, Begin goes through the pages again."
)
NO_FINDINGS: Final = "Every check passed; there is nothing to report."
NO_MEDIA: Final = (
    "No medium was found under /media, /mnt, /run/media or any mounted disk. Plug it "
    "in and choose Look again, or type the path of its folder."
)
NO_LICENSES: Final = (
    "No license file was found; type its path, or write a request file."
)
CANDIDATES: Final = "Found on this machine"
MEDIUM_OK: Final = "The medium is genuine. Compare the fingerprint with your paper."
MEDIUM_NEEDED: Final = "Type or choose the medium first."
LICENSE_SKIPPED: Final = (
    "No license chosen: the appliance will refuse work until one is added."
)
SETTINGS_OK: Final = "These settings are valid."
PLAN_BLOCKED: Final = "must be mended first; choose it to see how, then plan again."
PLAN_READY: Final = "Nothing speaks against it."
LEAVE_WIZARD: Final = (
    "Leave the wizard?",
    (
        "Nothing has been changed on this machine. Your answers are not kept; save them on "
        "the Plan page to use them again."
    ),
)
LEAVE_RUNNING: Final = (
    "The installation goes on in the engine. `anechoic` shows it again."
)
FAILED_LEAD: Final = "Mend the cause, then try again: finished steps are not repeated."
DONE_WITH_NOTES: Final = (
    "The appliance is installed",
    "There is something to know before it is used.",
)
LEAVE_LABEL: Final = "Leave; the work goes on"
NO_SUSPEND: Final = (
    "This program does not stop with Ctrl+Z. Leave with q; nothing is lost."
)
ENGINE_BACK: Final = "The engine answers again."
CPU_MODE: Final = "CPU mode: no GPU is used; speech is recognized on the processor."
NO_SERVICES: Final = "No service is running: nothing is installed."
NO_LICENSE_STATE: Final = "not available: the license service does not answer"
MOVING_KEYS: Final = (
    ("Arrows", "move, change"),
    ("Tab", "next part"),
    ("Enter", "choose, accept"),
)
HELP_FACTS: Final = (
    "The engine, anechoicd, does all work; this program only shows it.",
    "Closing it, or losing the connection, stops nothing.",
    "",
    "The dashboard over SSH:  ssh -L 9470:127.0.0.1:9470 root@THIS-HOST",
    "Without a full screen:   anechoic status",
)
HELP: Final = {
    "welcome": "Begin starts the wizard. Nothing is changed before its last page.",
    "preflight": (
        "STOP must be mended before installing, NOTE is worth knowing, ok passed. "
        "Move over a line to read what was seen, what it means and what to do."
    ),
    "medium": (
        "Type the folder of the medium, or choose one that was found. The trust anchor "
        "is needed once; later it is pinned on this host."
    ),
    "license": (
        "Give the license file (.alic). To ask the vendor for one, write a request file "
        "and carry it out; it holds hashes of this machine's identity, no speech."
    ),
    "settings": "Change what you need; the line below the fields explains each one.",
    "plan": (
        "Install starts the work. Save answers writes a file with which "
        "`anechoic install` repeats exactly this."
    ),
    "progress": (
        "Each step is kept once it is done. After a failure, mend the cause and try "
        "again: finished steps are not repeated."
    ),
    "done": "Applications need an API key; create one on the command line.",
    "status": (
        "A live view; it changes nothing. What cannot be read says so and is never "
        "shown as zero."
    ),
}
