"""Where `triage` and `python -m bot` begin."""

from importlib import import_module

from bot.cli import interrupt


def main() -> None:
    """Run a command. All else is imported only after Ctrl-C is set to end without a traceback."""
    interrupt.quit_at_once()
    import_module("bot.cli.program").run()


if __name__ == "__main__":
    main()
