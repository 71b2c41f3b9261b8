"""Where `triage` and `python -m bot` begin."""

from importlib import import_module

from bot.cli import interrupt


def main() -> None:
    """Run a command. What that takes is imported once Ctrl-C prints no traceback any more."""
    interrupt.quit_at_once()
    import_module("bot.cli.program").run()


if __name__ == "__main__":
    main()
