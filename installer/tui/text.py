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
LICENSE_ASKED: Final = "being asked for"
LICENSE_REMARKS: Final = "To know"
LICENSE_NO_REMARKS: Final = "No flag is set: nothing needs your attention."
LOOKING_MEDIA: Final = "Looking at what is mounted"
MAKING_REQUEST: Final = "Making the request"
REQUEST_TITLE: Final = "License request"
REQUEST_SHORT: Final = (
    "The short form: enough to renew. Photograph it and send it to the vendor, or "
    "carry the file."
)
REQUEST_FULL: Final = (
    "The full form, with hashes of this machine's identity and no speech. Photograph "
    "it, or carry the file."
)
REQUEST_TOO_SMALL: Final = (
    "The code needs a terminal of {columns}x{rows}; this one has {width}x{height}.\n\n"
    "Enlarge it, choose the other blocks or the other form, save the file or the "
    "picture, or show the request as text."
)
REQUEST_SAVE: Final = (
    "Carry this to the vendor; the answer is the license. It holds hashes of this "
    "machine's identity and no speech."
)
SAVE_MEDIA: Final = "Or choose where"
NO_ANSWERS: Final = (
    "No license (.alic) and no answer (.arsp) was found on what is mounted. Plug the "
    "medium in and choose Look again, or type a path."
)
PASTE_LEAD: Final = (
    "Put the text here: a license, an answer, what a QR code says, or what a scanner "
    "types. Tab leaves the box."
)
PASTE_HAS: Final = "{lines} here; Check verifies it."
NOTHING_GIVEN: Final = "There is nothing to check yet."
INSTALLING_LICENSE: Final = "Installing the license"
REDEEMING: Final = "Using the code"
CHECKED: Final = {
    "checked": "Genuine. Nothing has been changed yet.",
    "installed": "Genuine. Nothing has been changed yet.",
    "same": "Genuine, and the one that is installed already.",
    "waiting": "Genuine, for a later day. Nothing has been changed yet.",
}
INSTALLED: Final = {
    "checked": "Installed. No service was restarted.",
    "installed": "Installed and in force. No service was restarted.",
    "same": "It was installed already; nothing has changed.",
    "waiting": "Accepted. The one in force stays until its day.",
}
EXTENDED: Final = "The code was accepted: full service{until}."
LOSS_TITLE: Final = "Something would be lost"
LOSS_WORDS: Final = "This license grants less than the one in force."
CHOSEN: Final = "This license is used for the installation."
REHEARSING: Final = "Rehearsing"
SIMULATE_HELP: Final = (
    "Day in UTC. Parts: tpm product-uuid serial machine-id volume nic gpu"
)
SIMULATE_DATE: Final = "Expected a day such as 2027-02-01 or 2027-02-01 12:00."
DRILL_RUNS: Final = "The drill runs for 10 minutes; nothing has ended."
DRILL_ENDED: Final = "The drill is over."
TELLING: Final = "Telling the license service"
CONFIRM_LEAD: Final = (
    "Compare date and time with your watch. If they are right, say so: a change that "
    "waits because the clock has jumped then takes effect at once."
)
BACKUP_LEAD: Final = (
    "If this machine was restored from a backup or a snapshot, say so before the next "
    "report: usage that was recorded in between is missing for a good reason."
)
CONFIRM_CLOCK: Final = (
    "Are date and time right?",
    "It is written into the usage records that you confirmed them.",
)
CONFIRM_BACKUP: Final = (
    "Was a backup restored here?",
    "It is written into the usage records that you said so.",
)
CLOCK_CONFIRMED: Final = "Noted: date and time are right."
BACKUP_NOTED: Final = "Noted: a backup was restored."
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
    "license-show": (
        "The license in force. A flag takes nothing away by itself; its words say what "
        "to do. Everything here works in every state of the license."
    ),
    "license-request": (
        "Photograph the code or carry the file: both ask the vendor for a license. If "
        "no camera reads it, use full blocks or the picture."
    ),
    "license-install": (
        "A license or the vendor's answer, as file, text, or read by a scanner; or an "
        "emergency code from the telephone. What is lost is shown before."
    ),
    "license-simulate": (
        "Uses the code that decides in production and changes nothing. The drill shows "
        "the banner of grace on every screen for ten minutes."
    ),
    "license-confirm": (
        "Each statement is written into the usage records, which the vendor reads."
    ),
    "done": "Applications need an API key; create one on the command line.",
    "status": (
        "A live view; it changes nothing. What cannot be read says so and is never "
        "shown as zero."
    ),
}
