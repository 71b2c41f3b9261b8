"""`python -m prompts`: whether the templates may be used; `make check` asks."""

import sys

import prompts

if __name__ == "__main__":
    sys.exit("\n".join(prompts.library().complaints()) or 0)
