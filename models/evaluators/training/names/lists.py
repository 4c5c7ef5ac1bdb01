"""Writes the name and place lists that train-names.ts builds its rows from.

Sources: `faker` (MIT), all locales with a person or address provider; `names` (MIT), which holds the
name lists of the US census of 1990 (public domain). Seeds are fixed.

    python3 lists.py OUT.json
"""

import json
import pathlib
import sys

import names
from faker import Faker

ADDRESS = (
    "en_US en_GB en_CA en_AU en_IN en_IE en_NZ de_DE de_AT de_CH fr_FR fr_CA fr_CH es_ES es_MX es_AR es_CO it_IT "
    "nl_NL nl_BE pt_BR pt_PT pl_PL cs_CZ sk_SK ru_RU uk_UA sv_SE no_NO da_DK fi_FI hu_HU hr_HR sl_SI ro_RO "
    "el_GR id_ID vi_VN ja_JP zh_CN zh_TW ko_KR he_IL hi_IN"
).split()
PERSON = (
    "en_US en_GB en_IN en_IE en_NG en_KE en_PK de_DE de_AT fr_FR es_ES es_MX es_AR it_IT nl_NL pt_BR pt_PT pl_PL "
    "cs_CZ sk_SK ru_RU uk_UA bg_BG sv_SE no_NO da_DK fi_FI hu_HU hr_HR sl_SI ro_RO el_GR id_ID vi_VN tr_TR et_EE "
    "lt_LT lv_LV ar_SA fa_IR he_IL hi_IN ja_JP zh_CN zh_TW ko_KR az_AZ uz_UZ yo_NG ig_NG zu_ZA sw ga_IE ne_NP th_TH"
).split()


def census(name: str) -> list[str]:
    path = pathlib.Path(names.__file__).parent / name
    return [line.split()[0].capitalize() for line in path.read_text().splitlines() if line.strip()]


def sample(make, count: int) -> list[str]:
    seen: dict[str, None] = {}
    for _ in range(count * 3):
        seen.setdefault(str(make()).replace("\n", ", "))
        if len(seen) >= count:
            break
    return list(seen)


def locale(name: str) -> dict[str, list[str]]:
    fake = Faker(name)
    fake.seed_instance(11)
    found: dict[str, list[str]] = {}
    if name in PERSON:
        found["given"] = sample(fake.first_name, 400)
        found["last"] = sample(fake.last_name, 600)
    if name in ADDRESS:
        found["street"] = sample(fake.street_address, 700)
        found["city"] = sample(fake.city, 250)
        found["code"] = sample(fake.postcode, 150)
    found["company"] = sample(fake.company, 120)
    return found


def main() -> None:
    lists = {
        "census": {
            "given": census("dist.male.first") + census("dist.female.first"),
            "last": census("dist.all.last"),
        },
        "locales": {name: locale(name) for name in sorted({*PERSON, *ADDRESS})},
    }
    pathlib.Path(sys.argv[1]).write_text(json.dumps(lists, ensure_ascii=False))


main()
