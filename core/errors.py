"""One family of errors. Every message is a sentence that may be shown to a person and says what to do."""

from core.sentences import Sentence, said


class DexterError(Exception):
    """Something a person can act on.

    Made from a sentence in English and, by name, what stands in its places: `NotFound("There is no {name!r}.",
    name=…)`. `str(error)` is what they read in English; `sentence` can be said in other languages too.
    """

    def __init__(self, template: str | Sentence, /, **values: object) -> None:
        self.sentence = template if isinstance(template, Sentence) else said(template, **values)
        super().__init__(str(self.sentence))


class BadRequest(DexterError):
    """What was typed or sent cannot be understood or is out of bounds."""


class NotFound(DexterError):
    """Nothing of that name or id is visible to this tenant."""


class NotAllowed(DexterError):
    """This person's role does not include the permission that the command needs."""


class Misconfigured(DexterError):
    """A setting is wrong or missing; the message names it and the remedy."""


class Unavailable(DexterError):
    """Something outside Dexter (database, disk, port, platform) does not answer."""


class OverBudget(DexterError):
    """The collaboration, the person or the tenant has spent what it may."""


class NoQuorum(DexterError):
    """Too few members answered or voted for a decision to mean anything."""


class Stopped(DexterError):
    """A person stopped the run."""


class ModelError(DexterError):
    """A model call failed. `retryable` says whether the same call may succeed a moment later."""

    retryable = False

    def __init__(self, template: str | Sentence, /, *, retry_after: float | None = None, **values: object) -> None:
        super().__init__(template, **values)
        self.retry_after = retry_after
        """Seconds the provider asked us to wait, where it said so."""
        self.completion: object = None
        """The `core.ports.Completion` that came all the same, where it was empty, refused or of another shape."""


class ModelTimeout(ModelError):
    """Nothing, or not everything, came within the call's deadline."""

    retryable = True


class ModelBusy(ModelError):
    """The provider is limiting us (429) or overloaded (503, 529)."""

    retryable = True


class ModelBroken(ModelError):
    """The provider failed (5xx, half a stream, a reply that is not its own wire format)."""

    retryable = True


class ModelUnreachable(ModelError):
    """No connection to the provider."""

    retryable = True


class ModelRejected(ModelError):
    """The provider will not take this call: key, model name, context length or parameters (4xx)."""


class ModelRefused(ModelError):
    """The provider's content filter stopped the reply."""


class ModelGarbage(ModelError):
    """The reply does not have the shape that was asked for, even after repair."""

    retryable = True
