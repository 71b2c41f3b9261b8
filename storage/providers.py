"""The state of the providers of models, and of each model, as `bot.core.spending.breaker` keeps
it."""

from sqlmodel import Session

from storage.database import insert
from storage.tables import Provider


def of(session: Session, name: str, model: str = "") -> Provider:
    """The state of a provider, or of one of its models; a new row where nothing is stored."""
    known = session.get(Provider, (name, model), populate_existing=True)
    return known or Provider(name=name, model=model)


def keep(session: Session, provider: Provider) -> None:
    """Store the state of a provider, or of one of its models."""
    values = provider.model_dump()
    statement = insert(session, Provider).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["name", "model"],
            set_={key: value for key, value in values.items() if key not in ("name", "model")},
        )
    )
