"""What a factor board is made of: columns of squares, and what is missing in each. Made by `boarding`."""

from dataclasses import dataclass, field

from documents.models import Claim, Document, DocumentType, Factor, Tag
from documents.packets import rules

Polarity = Factor.Polarity


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing that should be there. `kinds`: papers that would mend it; `asked`: those the client has on the
    list already."""

    result: rules.Result
    kinds: tuple[DocumentType, ...] = ()
    asked: tuple[DocumentType, ...] = ()


@dataclass(slots=True)
class Square:
    """A factor of the board and what supports it. `held`: how many exhibits wait for an attorney because of it; `part`:
    of the letter, that argues it (0: before any heading; None: none does); `omitted`: why it is left out on purpose;
    `settled`: what attorneys stated of what is missing here; `empty`: a main factor that nobody said a word about."""

    factor: Factor
    tags: list[Tag] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    settled: list[rules.Result] = field(default_factory=list)
    claim: Claim | None = None
    held: int = 0
    part: int | None = None
    omitted: str = ""
    empty: bool = False
    kinds: tuple[DocumentType, ...] = ()

    @property
    def claimed(self) -> bool:
        """By a paper, by the letter, or by somebody's word."""
        said = self.claim is not None and self.claim.said == Claim.Said.CLAIMED
        return said or (bool(self.tags) or self.part is not None) and self.factor.polarity == Polarity.POSITIVE

    @property
    def set_aside(self) -> bool:
        """Whether it folds away under the reason why it does not apply."""
        return self.claim is not None and self.claim.set_aside and not self.tags

    @property
    def contradicted(self) -> bool:
        """Whether papers show what was said not to apply."""
        return self.claim is not None and self.claim.said == Claim.Said.NOT_APPLICABLE and bool(self.tags)

    @property
    def shown(self) -> bool:
        """The main factors also when empty; of the others what has something, or misses it."""
        main = self.factor.origin == Factor.Origin.SEED
        return main or bool(self.tags or self.gaps or self.claim or self.part is not None)


@dataclass(slots=True)
class Column:
    """`shown`: squares in the order of the letter. `rest`: those that have nothing."""

    shown: list[Square] = field(default_factory=list)
    rest: list[Square] = field(default_factory=list)

    @property
    def supported(self) -> int:
        return sum(bool(square.tags) for square in self.shown)


@dataclass(slots=True)
class Board:
    """The three columns, and the papers that nobody sorted. Papers that are no factor stand under context."""

    positive: Column
    negative: Column
    context: Column
    unsorted: list[Document]

    @property
    def squares(self) -> list[Square]:
        return [*self.positive.shown, *self.negative.shown, *self.context.shown]

    @property
    def places(self) -> list[Factor]:
        """Every factor that an exhibit can be moved to."""
        sides = (self.positive, self.negative, self.context)
        return [
            square.factor for side in sides for square in (*side.shown, *side.rest) if not square.factor.put_away_at
        ]

    @property
    def gaps(self) -> int:
        return sum(len(square.gaps) + square.contradicted for square in self.squares)

    @property
    def held(self) -> int:
        """How many factors wait for an attorney."""
        return sum(bool(square.held) for square in self.squares)

    @property
    def exhibits(self) -> int:
        return len({tag.document_id for square in self.squares for tag in square.tags})

    @property
    def empty(self) -> int:
        """How many main factors nobody said a word about."""
        return sum(square.empty for square in self.squares)
