"""How it stands with the providers of models, and with each model."""

from sqlmodel import Session

from storage.database import insert
from storage.tables import Provider


def of(session: Session, name: str, model: str = "") -> Provider:
    """How it stands with a provider, or a model of it; a fresh one where nothing is known."""
    known = session.get(Provider, (name, model), populate_existing=True)
    return known or Provider(name=name, model=model)


def keep(session: Session, provider: Provider) -> None:
    """From now on it stands so."""
    values = provider.model_dump()
    statement = insert(session, Provider).values(values)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["name", "model"],
            set_={key: value for key, value in values.items() if key not in ("name", "model")},
        )
    )
