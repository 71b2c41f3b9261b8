"""How it stands with the providers of models."""

from sqlmodel import Session

from storage.database import insert
from storage.tables import Provider


def of(session: Session, name: str) -> Provider:
    """How it stands with one; a fresh one where nothing is known."""
    return session.get(Provider, name) or Provider(name=name)


def keep(session: Session, provider: Provider) -> None:
    """From now on it stands so."""
    values = provider.model_dump()
    statement = insert(session, Provider).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={name: value for name, value in values.items() if name != "name"},
        )
    )
