"""What would be sent to a model."""

from bot.flows.preview import WITH_IT, Preview


def preview(shown: Preview) -> str:
    """What would be sent to a model about a signature, whether it is, and who stays unnamed."""
    asked = shown.prompt
    size = f"{len(asked.system) + len(asked.user):,} characters"
    names = [f"  {pseudonym} is {name}" for pseudonym, name in asked.names.names.items()]
    return "\n".join(
        (
            f"{shown.short_id}: prompt {asked.id} {asked.version}, {size}. {shown.said}",
            *("--- system ---", asked.system, "--- user ---", asked.user, "--- end ---", WITH_IT),
            *(["Who stays here:", *names] if names else []),
        )
    )
