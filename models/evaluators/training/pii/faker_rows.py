"""Rows for measuring PII on values that this project did not make.

The values (cards, IBANs, national numbers, telephones, plates and so on of some sixty locales) come
from the PyPI package `faker`; the sentences around them from `templates.json`. Look-alikes that are
no personal data stand beside them: orders, versions, times, digests, ISBNs, parts. Templates are
numbered within their group: even ones are the part `seen`, which misses may be read of; odd ones the
part `held`, which is only counted. Locales are parted in the same way where a template allows any.

    python3 faker_rows.py {seen|held} ROWS OUT.jsonl [SEED]

A row is `{id, text, spans: [{type, start, end}], label, lang}` for `proofmark eval PII`.
"""

import json
import random
import re
import sys
import warnings
from pathlib import Path

from faker import Faker

warnings.filterwarnings('ignore')

ANY = (
    'en_US en_GB en_AU en_CA en_IE en_IN en_NZ de_DE de_AT de_CH fr_FR fr_CH it_IT es_ES es_MX es_CO '
    'es_CL es_AR pt_BR pt_PT nl_NL nl_BE sv_SE da_DK no_NO fi_FI pl_PL cs_CZ sk_SK hu_HU ro_RO bg_BG '
    'hr_HR sl_SI el_GR tr_TR uk_UA ru_RU lt_LT lv_LV he_IL ja_JP ko_KR zh_CN zh_TW id_ID vi_VN th_TH '
    'hy_AM ka_GE ne_NP hi_IN fa_IR az_AZ uz_UZ de_LU is_IS en_PH tw_GH mk_MK'
).split()
BY_LANGUAGE = {
    'en': ['en_US', 'en_US', 'en_GB', 'en_AU', 'en_CA', 'en_NZ', 'en_IN'],
    'de': ['de_DE', 'de_AT', 'de_CH'],
    'fr': ['fr_FR', 'fr_CH'],
    'es': ['es_ES', 'es_MX', 'es_CO', 'es_CL', 'es_AR'],
    'it': ['it_IT'],
    'pt': ['pt_BR', 'pt_PT'],
    'nl': ['nl_NL', 'nl_BE'],
    'pl': ['pl_PL'],
    'sv': ['sv_SE'],
    'da': ['da_DK'],
    'no': ['no_NO'],
    'fi': ['fi_FI'],
    'cs': ['cs_CZ'],
    'tr': ['tr_TR'],
    'ru': ['ru_RU'],
    'uk': ['uk_UA'],
    'ja': ['ja_JP'],
    'ko': ['ko_KR'],
    'zh': ['zh_CN', 'zh_TW'],
    'el': ['el_GR'],
    'ro': ['ro_RO'],
    'hu': ['hu_HU'],
}
# What people call the number of each country; `faker` tells the digits only.
NATIONAL = {
    'en_GB': ['National Insurance number', 'NI number', 'NINO'],
    'en_CA': ['SIN', 'Social Insurance Number'],
    'de_AT': ['SV-Nummer', 'Sozialversicherungsnummer'],
    'de_CH': ['AHV-Nummer', 'AHV-Nr.'],
    'fr_CH': ['numéro AVS', 'n° AVS'],
    'fr_FR': ['numéro de sécurité sociale', 'NIR', 'n° de sécu'],
    'it_IT': ['codice fiscale', 'C.F.'],
    'es_ES': ['DNI', 'NIE', 'NIF'],
    'es_MX': ['NSS', 'número de seguridad social'],
    'pt_BR': ['CPF'],
    'nl_NL': ['BSN', 'burgerservicenummer'],
    'nl_BE': ['rijksregisternummer', 'INSZ'],
    'sv_SE': ['personnummer', 'personnr'],
    'no_NO': ['fødselsnummer', 'personnummer'],
    'fi_FI': ['henkilötunnus', 'hetu'],
    'pl_PL': ['PESEL', 'numer PESEL'],
    'ro_RO': ['CNP', 'cod numeric personal'],
    'hr_HR': ['OIB'],
    'et_EE': ['isikukood'],
    'lv_LV': ['personas kods'],
    'el_GR': ['ΑΦΜ', 'ΑΜΚΑ'],
    'tr_TR': ['T.C. Kimlik No', 'TC kimlik numarası'],
    'uk_UA': ['ІПН', 'РНОКПП'],
    'ru_RU': ['ИНН'],
    'he_IL': ['teudat zehut', 'תעודת זהות'],
    'ko_KR': ['주민등록번호'],
    'zh_CN': ['身份证号', '身份证号码'],
    'zh_TW': ['身分證字號'],
    'th_TH': ['เลขประจำตัวประชาชน', 'Thai national ID'],
    'mk_MK': ['ЕМБГ', 'EMBG'],
    'hu_HU': ['személyi szám'],
    'ar_DZ': ['numéro national'],
    'en_PH': ['SSS number', 'UMID'],
}
DATE_FORMS = {
    'en': ['%m/%d/%Y', '%d/%m/%Y', '%Y-%m-%d', '%B %d, %Y', '%d %B %Y', '%d %b %Y', '%m-%d-%Y'],
    'de': ['%d.%m.%Y'],
    'any': ['%Y-%m-%d', '%d/%m/%Y', '%d.%m.%Y', '%Y/%m/%d'],
}
# Published forms of American states, and of the United Kingdom, India and Canada.
LICENSES = [
    'A#######', '#########', '########', 'A###-####-####', 'A###-###-##-###-#', 'AA######',
    '#A########', 'A############', 'A### ### ### ###', 'AAAAA######AA#AA', '##-###-####', 'A####-#####-#####',
]
BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'


class Values:
    """Draws one value of a kind: its type (None for a look-alike) and its text."""

    def __init__(self, rng, part):
        self.rng = rng
        half = 0 if part == 'seen' else 1
        self.locales = [locale for i, locale in enumerate(ANY) if i % 2 == half]
        self.fakers = {}

    def faker(self, locale):
        if locale not in self.fakers:
            self.fakers[locale] = Faker(locale)
            self.fakers[locale].seed_instance(self.rng.random())
        return self.fakers[locale]

    def locale(self, language):
        return self.rng.choice(BY_LANGUAGE.get(language, self.locales))

    def draw(self, kind, language):
        drawn = getattr(self, kind)(language)
        return drawn if isinstance(drawn, tuple) else (None, drawn)

    def email(self, language):
        locale = self.rng.choice(['en_US', 'de_DE', 'es_ES', 'pl_PL', 'fr_FR', 'pt_BR'])
        value = getattr(self.faker(locale), self.rng.choice(['email', 'company_email', 'free_email']))()
        if self.rng.random() < 0.15:
            value = value.replace('@', self.rng.choice(['+news@', '+test1@']))
        return 'EMAIL', value

    def hidden_email(self, language):
        name, domain = self.faker('en_US').email().split('@')
        at, dot = self.rng.choice([(' at ', ' dot '), (' [at] ', ' [dot] '), ('(at)', '(dot)'), (' (at) ', '.')])
        return 'EMAIL', name + at + domain.replace('.', dot)

    def phone(self, language):
        locale = self.locale(language)
        try:
            return 'PHONE', str(self.faker(locale).phone_number())
        except AttributeError:
            return 'PHONE', self.faker('en_US').phone_number()

    def card(self, language):
        digits = self.faker('en_US').credit_card_number(
            self.rng.choice('visa16 visa16 mastercard mastercard amex discover diners jcb16 visa19 maestro'.split())
        )
        form = self.rng.random()
        if form < 0.4:
            return 'CREDIT_CARD', digits
        gap = ' ' if form < 0.75 else '-'
        sizes = [4, 6, 5] if len(digits) == 15 else [4, 6, 4] if len(digits) == 14 else [4] * 5
        groups, at = [], 0
        for size in sizes:
            groups.append(digits[at : at + size])
            at += size
        return 'CREDIT_CARD', gap.join(group for group in groups if group)

    def iban(self, language):
        value = self.faker(self.rng.choice('de_DE fr_FR es_ES it_IT nl_NL pl_PL en_GB de_AT de_CH pt_PT no_NO da_DK fi_FI ro_RO cs_CZ tr_TR'.split())).iban()
        form = self.rng.random()
        if form < 0.45:
            return 'IBAN', value
        spaced = ' '.join(value[i : i + 4] for i in range(0, len(value), 4))
        if form < 0.8:
            return 'IBAN', spaced
        if form < 0.9:
            return 'IBAN', spaced.replace(' ', '-')
        return 'IBAN', value.lower() if form < 0.95 else spaced.lower()

    def ssn(self, language):
        value = self.faker('en_US').ssn()
        form = self.rng.random()
        return 'SSN', value if form < 0.75 else value.replace('-', ' ' if form < 0.88 else '')

    def itin(self, language):
        return 'NATIONAL_ID', self.faker('en_US').itin()

    def national(self, language):
        choices = [l for l in BY_LANGUAGE.get(language, list(NATIONAL)) if l in NATIONAL]
        locale = self.rng.choice(choices or list(NATIONAL))
        self.label = self.rng.choice(NATIONAL[locale])
        return 'NATIONAL_ID', self.faker('es_ES').nif() if locale == 'es_ES' else str(self.faker(locale).ssn())

    def national_label(self, language):
        return self.label

    def passport(self, language):
        locale = self.rng.choice(['en_US', 'de_DE', 'en_GB', 'en_US'])
        return 'PASSPORT', self.faker(locale).passport_number()

    def license(self, language):
        pattern = self.rng.choice(LICENSES)
        value = re.sub('A', lambda _: self.rng.choice('BCDFGHJKLMNPRSTW'), pattern)
        return 'DRIVER_LICENSE', re.sub('#', lambda _: str(self.rng.randrange(10)), value)

    def account(self, language):
        return 'ACCOUNT', str(self.rng.randrange(10**7, 10 ** self.rng.choice([8, 10, 12])))

    def bban(self, language):
        return 'ACCOUNT', self.faker(self.rng.choice(['pl_PL', 'es_ES', 'de_DE', 'no_NO'])).bban()

    def routing(self, language):
        return 'ACCOUNT', self.faker('en_US').aba()

    def swift(self, language):
        return 'ACCOUNT', self.faker('en_US').swift()

    def ip(self, language):
        fake = self.faker('en_US')
        return 'IP_ADDRESS', fake.ipv6() if self.rng.random() < 0.3 else fake.ipv4()

    def mac(self, language):
        value = self.faker('en_US').mac_address()
        form = self.rng.random()
        return 'MAC_ADDRESS', value if form < 0.6 else value.upper() if form < 0.8 else value.replace(':', '-')

    def url(self, language):
        fake = self.faker(self.rng.choice(['en_US', 'de_DE', 'fr_FR', 'it_IT']))
        return 'URL', self.rng.choice([fake.url, fake.uri, fake.domain_name, fake.image_url])()

    def born(self, language):
        date = self.faker('en_US').date_of_birth(minimum_age=18)
        forms = DATE_FORMS.get(language, DATE_FORMS['any'])
        return 'DATE_OF_BIRTH', date.strftime(self.rng.choice(forms))

    def zip_us(self, language):
        return 'POSTAL_CODE', self.faker('en_US').postcode()

    def postcode(self, language):
        return 'POSTAL_CODE', self.faker(self.locale(language)).postcode()

    def plate(self, language):
        return 'VEHICLE', self.faker(self.locale(language)).license_plate()

    def vin(self, language):
        return 'VEHICLE', self.faker('en_US').vin()

    def nhs(self, language):
        while True:
            digits = [self.rng.randrange(10) for _ in range(9)]
            check = (11 - sum(d * (10 - i) for i, d in enumerate(digits)) % 11) % 11
            if check < 10:
                break
        text = ''.join(map(str, [*digits, check]))
        return 'MEDICAL_ID', self.rng.choice([text, f'{text[:3]} {text[3:6]} {text[6:]}'])

    def wallet(self, language):
        draw = lambda letters, n: ''.join(self.rng.choice(letters) for _ in range(n))
        return 'CRYPTO_WALLET', self.rng.choice(
            ['0x' + draw('0123456789abcdefABCDEF', 40), 'bc1q' + draw(BECH32, 38), self.rng.choice('13') + draw(BASE58, 33)]
        )

    # Look-alikes and company for the values.
    def order(self, language):
        return self.rng.choice(['ORD-', '#', 'PO', 'INV-2024-', '']) + str(self.rng.randrange(10**5, 10**9))

    def version(self, language):
        return '.'.join(str(self.rng.randrange(30)) for _ in range(self.rng.choice([3, 3, 4])))

    def ts(self, language):
        moment = self.faker('en_US').date_time()
        return self.rng.choice([moment.isoformat() + 'Z', str(int(moment.timestamp())), f'{int(moment.timestamp())}123', moment.strftime('%Y-%m-%d %H:%M:%S')])

    def hash(self, language):
        fake = self.faker('en_US')
        return self.rng.choice([fake.md5, fake.sha1, fake.sha256, lambda: fake.sha1()[:12]])()

    def uuid(self, language):
        return self.faker('en_US').uuid4()

    def isbn(self, language):
        fake = self.faker('en_US')
        return self.rng.choice([fake.isbn13, fake.isbn10, fake.ean13])()

    def part(self, language):
        return self.rng.choice(['XJ-', 'P/N ', 'SKU-', 'RX']) + f'{self.rng.randrange(10**7):07d}' + self.rng.choice(['', '-B', '/02'])

    def amount(self, language):
        return f'{self.rng.randrange(10**4, 10**8) / 100:,.2f}'

    def count(self, language):
        return str(self.rng.randrange(10**3, 10**7))

    def date(self, language):
        return self.faker('en_US').date()

    def name(self, language):
        return self.faker(self.locale(language)).name()

    def company(self, language):
        return self.faker(self.locale(language)).company()

    def city(self, language):
        return self.faker(self.locale(language)).city()

    def street(self, language):
        return self.faker('en_US').street_address()

    def state(self, language):
        return self.faker('en_US').state_abbr()


def row(number, template, language, values):
    text, spans = '', []
    # A label is drawn with its number and may stand before it.
    national = values.draw('national', language) if '{national}' in template else None
    for piece in re.split(r'(\{\w+\})', template):
        if not re.fullmatch(r'\{\w+\}', piece):
            text += piece
            continue
        kind, value = national if piece == '{national}' else values.draw(piece[1:-1], language)
        if kind is not None:
            spans.append({'type': kind, 'start': len(text), 'end': len(text) + len(value)})
        text += value
    # The evaluator counts UTF-16 code units.
    units = lambda at: len(text[:at].encode('utf-16-le')) // 2
    for span in spans:
        span['start'], span['end'] = units(span['start']), units(span['end'])
    return {'id': f'faker-{number}', 'text': text, 'spans': spans, 'label': int(bool(spans)), 'lang': language}


def main():
    part, count, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 7)
    groups = json.loads((Path(__file__).parent / 'templates.json').read_text('utf-8'))
    half = 0 if part == 'seen' else 1
    templates = [
        (group['lang'], template)
        for group in groups
        for i, template in enumerate(group['templates'])
        if i % 2 == half
    ]
    values = Values(rng, part)
    with open(out, 'w', encoding='utf-8') as file:
        for number in range(count):
            language, template = templates[number % len(templates)]
            file.write(json.dumps(row(number, template, language, values), ensure_ascii=False) + '\n')


main()
