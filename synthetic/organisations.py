"""Invented schools, practices, councils, clinics and charities of each authority, and the people who work there."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from synthetic import numbers
from synthetic.names import Ints, Names, listed
from synthetic.places import Places
from synthetic.vocabulary import Vocabulary

WEEKDAYS = "Monday to Friday, 8:30 to 17:00"
SCHOOL_DAYS = "Monday to Friday in term, 8:00 to 16:30"
SURGERY_HOURS = "Monday to Friday, 8:00 to 18:30"
#: Children to one primary school, one secondary school, one practice.
PER_PRIMARY, PER_SECONDARY, PER_PRACTICE = 700, 1500, 1700
TEAMS = {"health_visiting": 4, "social_care": 6, "early_help": 3, "youth_justice": 2, "sexual_health": 1}
STAFF = {
    "school": 1,
    "gp": 2,
    "health_visiting": 8,
    "social_care": 9,
    "early_help": 6,
    "youth_justice": 6,
    "sexual_health": 4,
}
ROLES = {
    "school": "Designated safeguarding lead",
    "gp": "General practitioner",
    "health_visiting": "Health visitor",
    "social_care": "Social worker",
    "early_help": "Family support worker",
    "youth_justice": "Youth justice officer",
    "sexual_health": "Sexual health nurse",
}
TEAM_NAMES = {
    "health_visiting": listed(
        "North health visiting team, South health visiting team, East health visiting team, West health visiting team"
    ),
    "social_care": listed(
        "Assessment team, Children in need team, Child protection team, Children in care team, Children with disabilities team, Family safeguarding team"
    ),
    "early_help": listed("Early help east, Early help west, Family hub team"),
    "youth_justice": listed("Youth justice team, Prevention team"),
    "sexual_health": listed("Young people's clinic"),
}
SAINTS = listed(
    "St Brannoc's, St Werburgh's, St Osyth's, St Aldhelm's, St Cedd's, Holy Trinity, All Saints, St Wilfrid's, St Etheldreda's, Our Lady of the Rill"
)
WORDS = listed(
    "Larkfield, Highmoor, Brackenhurst, Willowbank, Kestrel, Oakdene, Fairmead, Thornbury Cross, Millstream, Beacon Hill, Hartsdown, Silverdale Lane,"
    "Copperfield, Stonebridge Row, Ravenscar, Linden Grove, Merrybank, Fernhollow, Ashlea, Marlpit"
)


POST_COLUMNS = (
    "organisation_id",
    "team",
    "practitioner_name",
    "practitioner_role",
    "phone",
    "email",
    "out_of_hours_phone",
)


def without_blanks(frame: pl.DataFrame) -> pl.DataFrame:
    """Empty texts become missing, so that they are written as nothing rather than as two quotation marks."""
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all()))


@dataclass(slots=True)
class Directory:
    """Every organisation and every post, as growing tables. Posts are what an involvement row points at.

    first_post[kind] holds, for each authority, the first post of that kind; posts[kind] how many there are.
    """

    organisations: list[dict[str, str]] = field(default_factory=list)
    posts: dict[str, list[str]] = field(default_factory=lambda: {key: [] for key in POST_COLUMNS})
    first_post: dict[str, list[int]] = field(default_factory=dict)
    count: dict[str, list[int]] = field(default_factory=dict)

    def table(self) -> pl.DataFrame:
        """The posts, one row each: organisation, team, person, role, telephone numbers, address for letters."""
        return without_blanks(pl.DataFrame(self.posts, schema=dict.fromkeys(POST_COLUMNS, pl.String)))

    def pick(self, kind: str, *, authority: Ints, share: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Ints:
        """A post of this kind in each authority; share, in [0, 1), says which."""
        first, count = np.array(self.first_post[kind]), np.array(self.count[kind])
        found: Ints = first[authority] + (share * count[authority]).astype(np.int64)
        return found


class Builder:
    """Fills a directory: telephone numbers and names of staff are drawn as it goes."""

    def __init__(self, rng: np.random.Generator, *, names: Names, vocabulary: Vocabulary, places: Places) -> None:
        self.directory = Directory()
        self._rng, self._names, self._vocabulary, self._places = rng, names, vocabulary, places
        self._phones = numbers.office_phones()
        rng.shuffle(self._phones)
        self._next_phone = 0
        self._staff: list[str] = []

    def phone(self) -> str:
        """The next telephone number; they come round again when all ten thousand are used."""
        self._next_phone += 1
        return self._phones[self._next_phone % len(self._phones)]

    def person(self) -> str:
        """The name of somebody who works with children."""
        if not self._staff:
            group = self._rng.choice(len(self._names.groups), size=2000, p=self._names.shares)
            sex = (self._rng.random(2000) < 0.72).astype(np.int64)
            given = self._vocabulary.words(self._names.adult(self._rng, group=group, sex=sex))
            rows = self._names.surnames.draw(group, self._rng.random(2000))
            forms = np.where(sex == 1, self._names.female_forms[rows], self._names.male_forms[rows])
            self._staff = [f"{one} {other}" for one, other in zip(given, self._vocabulary.words(forms), strict=True)]
        return self._staff.pop()

    def organisation(
        self,
        *,
        identifier: str,
        name: str,
        kind: str,
        sector: str,
        authority: str,
        hours: str = WEEKDAYS,
        out_of_hours: str = "",
    ) -> str:
        """Adds an organisation and returns its telephone number."""
        phone = self.phone()
        self.directory.organisations.append(
            {
                "organisation_id": identifier,
                "name": name,
                "kind": kind,
                "sector": sector,
                "authority": authority,
                "phone": phone,
                "out_of_hours_phone": out_of_hours,
                "hours": hours,
            }
        )
        return phone

    def post(self, kind: str, *, identifier: str, team: str, domain: str, out_of_hours: str, phone: str = "") -> None:
        """Adds somebody to ring: a named person of a kind of service."""
        person = self.person()
        title = "Dr " if kind == "gp" else ""
        box = person.lower().replace(" ", ".").replace("'", "").encode("ascii", "ignore").decode()
        row = (identifier, team, title + person, ROLES[kind], phone or self.phone(), f"{box}@{domain}", out_of_hours)
        for column, value in zip(POST_COLUMNS, row, strict=True):
            self.directory.posts[column].append(value)

    def begin(self, kind: str) -> None:
        """The posts of this kind in the next authority start here."""
        self.directory.first_post.setdefault(kind, []).append(len(self.directory.posts["team"]))

    def end(self, kind: str) -> None:
        """The posts of this kind in this authority are complete."""
        started = self.directory.first_post[kind][-1]
        self.directory.count.setdefault(kind, []).append(len(self.directory.posts["team"]) - started)


def build(
    rng: np.random.Generator, *, names: Names, vocabulary: Vocabulary, places: Places, children: int
) -> Directory:
    """Organisations and posts for every authority, in proportion to its children."""
    made = Builder(rng, names=names, vocabulary=vocabulary, places=places)
    _national(made, authority=places.codes[0])
    for at, (code, name) in enumerate(zip(places.codes, places.names, strict=True)):
        here = children * float(places.weights[at])
        domain = "".join(letter for letter in name.lower() if letter.isalpha()) + ".example.org"
        night = made.phone()
        _council(made, code=code, name=name, domain=domain, night=night)
        _schools(made, at=at, code=code, domain=domain, children=here)
        _practices(made, at=at, code=code, children=here)
        _trust_and_clinic(made, at=at, code=code, name=name, domain=domain)
        _voluntary(made, at=at, code=code, name=name)
    return made.directory


def _national(made: Builder, *, authority: str) -> None:
    """Bodies that supply for the whole country; the register wants an authority for each."""
    made.organisation(
        identifier="gss:K04000001",
        name="General registration service (made up)",
        kind="registration",
        sector="health",
        authority=authority,
    )
    made.organisation(
        identifier="gss:E92000001",
        name="School census collection (made up)",
        kind="census",
        sector="education",
        authority=authority,
    )
    made.organisation(
        identifier="ods:X90001",
        name="National patient list (made up)",
        kind="health",
        sector="health",
        authority=authority,
    )


def _council(made: Builder, *, code: str, name: str, domain: str, night: str) -> None:
    made.organisation(
        identifier=f"gss:{code}",
        name=f"{name} council",
        kind="council",
        sector="social_care",
        authority=code,
        out_of_hours=night,
    )
    for kind in ("social_care", "early_help", "youth_justice"):
        made.begin(kind)
        for team in TEAM_NAMES[kind][: TEAMS[kind]]:
            for _ in range(STAFF[kind]):
                made.post(
                    kind,
                    identifier=f"gss:{code}",
                    team=f"{name} {team[0].lower()}{team[1:]}",
                    domain=domain,
                    out_of_hours=night,
                )
        made.end(kind)


def _schools(made: Builder, *, at: int, code: str, domain: str, children: float) -> None:
    for phase, per, kinds in (
        ("primary", PER_PRIMARY, ("primary school", "CE primary school", "RC primary school")),
        ("secondary", PER_SECONDARY, ("high school", "academy", "school")),
    ):
        made.begin(phase)
        for number in range(max(2, round(children / per))):
            stem = WORDS[(number + 7 * at) % len(WORDS)] if number % 3 else SAINTS[(number + at) % len(SAINTS)]
            name = f"{stem} {kinds[number % 3]}" + (f" {number // 20 + 1}" if number >= 20 else "")
            urn = f"urn:{900_000 + len(made.directory.organisations)}"
            phone = made.organisation(
                identifier=urn, name=name, kind="school", sector="education", authority=code, hours=SCHOOL_DAYS
            )
            made.post(
                "school",
                identifier=urn,
                team="Safeguarding",
                domain=f"school{urn[4:]}.{domain}",
                out_of_hours="",
                phone=phone,
            )
        made.end(phase)


def _practices(made: Builder, *, at: int, code: str, children: float) -> None:
    made.begin("gp")
    for number in range(max(2, round(children / PER_PRACTICE))):
        ods = f"ods:Z{10_000 + len(made.directory.organisations)}"
        label = f"{WORDS[(3 * number + at) % len(WORDS)]} {'surgery' if number % 2 else 'medical centre'}" + (
            f" {number // 20 + 1}" if number >= 20 else ""
        )
        phone = made.organisation(
            identifier=ods, name=label, kind="gp", sector="health", authority=code, hours=SURGERY_HOURS
        )
        for _ in range(STAFF["gp"]):
            made.post(
                "gp", identifier=ods, team="", domain=f"{ods[4:].lower()}.nhs.example.org", out_of_hours="", phone=phone
            )
    made.end("gp")


def _trust_and_clinic(made: Builder, *, at: int, code: str, name: str, domain: str) -> None:
    trust = f"ods:R{9_000 + at}"
    made.organisation(
        identifier=trust, name=f"{name} community health trust", kind="health", sector="health", authority=code
    )
    made.begin("health_visiting")
    for team in TEAM_NAMES["health_visiting"]:
        for _ in range(STAFF["health_visiting"]):
            made.post("health_visiting", identifier=trust, team=team, domain=f"trust.{domain}", out_of_hours="")
    made.end("health_visiting")
    clinic = f"ods:C{9_000 + at}"
    made.organisation(
        identifier=clinic,
        name=f"{WORDS[(at + 5) % len(WORDS)]} young people's clinic",
        kind="clinic",
        sector="health",
        authority=code,
    )
    made.begin("sexual_health")
    for _ in range(STAFF["sexual_health"]):
        made.post(
            "sexual_health",
            identifier=clinic,
            team=TEAM_NAMES["sexual_health"][0],
            domain=f"clinic.{domain}",
            out_of_hours="",
        )
    made.end("sexual_health")


def _voluntary(made: Builder, *, at: int, code: str, name: str) -> None:
    made.organisation(
        identifier=f"charity:9{990_000 + at}",
        name=f"{name} young carers project",
        kind="charity",
        sector="voluntary",
        authority=code,
    )
