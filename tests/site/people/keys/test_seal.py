"""The seal: what opens, what doesn't, and that other programs compute the same."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import example, given
from hypothesis import strategies as st
from nacl import bindings

from mahalleh_site import settings as house
from mahalleh_site.people.keys import seal

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
PAIR, ANOTHER = seal.new_pair(), seal.new_pair()
CHEAP = seal.Cost(passes=1, memory=8192)  # the least that Argon2id takes
WRAPPED = seal.wrap(PAIR.private, "the password", about="member:1", cost=CHEAP)
HEAD, SALT, NONCE, MAC = 13, 16, 24, 16  # bytes, as written down in seal.py and by libsodium


# --- contents


@given(data=st.binary(max_size=700), about=st.text(max_size=20))
@example(data=b"", about="")
@example(data=b"\x80" * 256, about="a")  # what padding itself is made of
def test_lock__gives_back_what_was_locked(data, about):
    assert seal.unlock(seal.lock(data, KEY, about=about), KEY, about=about) == data


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
@example("نامه‌ای به شهرداری")
def test_lock_text__gives_back_what_was_written(text):
    assert seal.unlock_text(seal.lock_text(text, KEY, about="a"), KEY, about="a") == text


def test_lock__twice_the_same_looks_different():
    assert seal.lock(b"a", KEY, about="a") != seal.lock(b"a", KEY, about="a")


@pytest.mark.parametrize(("key", "about"), [(OTHER, "report:A"), (KEY, "report:B"), (KEY[:31], "report:A")])
def test_unlock__with_another_key_or_as_something_else_is_refused(key, about):
    box = seal.lock(b"words", KEY, about="report:A")
    with pytest.raises(seal.SealError):
        seal.unlock(box, key, about=about)


def test_unlock__refuses_a_box_with_any_byte_changed():
    box = seal.lock(b"words", KEY, about="a")
    for place in range(len(box)):
        changed = box[:place] + bytes([box[place] ^ 1]) + box[place + 1 :]
        with pytest.raises(seal.SealError):
            seal.unlock(changed, KEY, about="a")


@pytest.mark.parametrize(
    ("length", "blocks"), [(0, 1), (1, 1), (100, 1), (255, 1), (256, 2), (511, 2), (512, 3)]
)
def test_lock__hides_the_length_within_256_bytes(length, blocks):
    box = seal.lock(b"a" * length, KEY, about="a")
    assert len(box) == NONCE + 256 * blocks + MAC  # one byte at least says where the padding begins


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\xed\xa0\x80"])
def test_unlock_text__of_what_is_no_text_is_refused_too(data):
    with pytest.raises(seal.SealError):
        seal.unlock_text(seal.lock(data, KEY, about="a"), KEY, about="a")


def test_lock_text__takes_letters_that_no_text_may_hold_as_question_marks():
    box = seal.lock_text("half a pair: \ud800", KEY, about="a")  # JSON can bring one
    assert seal.unlock_text(box, KEY, about="a") == "half a pair: ?"


@given(st.binary(max_size=400))
@example(b"\0" * (NONCE + MAC))  # long enough to be an empty box
@example(b"\0" * (NONCE - 1))
def test_opening_garbage__is_refused_in_one_way(garbage):
    for how in (
        lambda: seal.unlock(garbage, KEY, about="a"),
        lambda: seal.unlock_text(garbage, KEY, about="a"),
        lambda: seal.open_sealed(garbage, PAIR.private),
        lambda: seal.open_sealed(seal.seal(b"a", PAIR.public), garbage),
        lambda: seal.unwrap(garbage, "the password", about="member:1"),
    ):
        with pytest.raises(seal.SealError):
            how()


# --- keys for somebody


@given(st.binary(max_size=100))
def test_seal__opens_for_the_holder_alone(data):
    box = seal.seal(data, PAIR.public)
    assert seal.open_sealed(box, PAIR.private) == data
    with pytest.raises(seal.SealError):
        seal.open_sealed(box, ANOTHER.private)


def test_seal__cannot_be_opened_by_who_sealed_it():
    box = seal.seal(KEY, PAIR.public)
    for known in (
        PAIR.public,
        KEY,
        box[:32],
    ):  # all that the sealer has; the box begins with a key of its own
        with pytest.raises(seal.SealError):
            seal.open_sealed(box, known)


def test_seal__is_libsodiums_sealed_box_with_a_key_of_its_own_each_time():
    """What the public key alone opened, or a key that the sealer keeps, would be no sealed box."""
    boxes = [seal.seal(KEY, PAIR.public) for _ in range(3)]
    for box in boxes:
        assert bindings.crypto_box_seal_open(box, PAIR.public, PAIR.private) == KEY
    assert len({box[:32] for box in boxes}) == 3


def test_open_sealed__refuses_a_box_with_any_byte_changed_or_missing():
    box = seal.seal(KEY, PAIR.public)
    for place in range(len(box)):
        changed = box[:place] + bytes([box[place] ^ 1]) + box[place + 1 :]
        for damaged in (changed, box[:place]):
            with pytest.raises(seal.SealError):
                seal.open_sealed(damaged, PAIR.private)


# --- keys under a password


def test_wrap__opens_with_its_password_and_for_its_owner_alone():
    assert seal.unwrap(WRAPPED, "the password", about="member:1") == PAIR.private
    for secret, about in (("the passwore", "member:1"), ("", "member:1"), ("the password", "member:2")):
        with pytest.raises(seal.SealError):
            seal.unwrap(WRAPPED, secret, about=about)


def test_wrap__is_salted_and_says_what_a_guess_costs():
    again = seal.wrap(PAIR.private, "the password", about="member:1", cost=CHEAP)
    assert WRAPPED[:HEAD] == again[:HEAD] == b"\x01" + (1).to_bytes(4, "big") + (8192).to_bytes(8, "big")
    assert WRAPPED[HEAD : HEAD + SALT] != again[HEAD : HEAD + SALT]


def test_wrap__takes_a_password_of_any_script():
    wrapped = seal.wrap(PAIR.private, "چهار واژهٔ آرام", about="a", cost=CHEAP)
    assert seal.unwrap(wrapped, "چهار واژهٔ آرام", about="a") == PAIR.private


@given(place=st.integers(0, len(WRAPPED) - 1), bit=st.integers(0, 7), cut=st.booleans())
@example(place=1, bit=7, cut=False)  # two thousand million passes
@example(place=6, bit=3, cut=False)  # 8 TB of memory
@example(place=9, bit=6, cut=False)  # 1 GB, of which the salt still decides
@example(place=12, bit=0, cut=False)  # one byte more, which Argon2id would round away
@example(place=HEAD + 3, bit=0, cut=True)
def test_unwrap__refuses_what_was_changed_or_cut_off_and_does_not_pay_any_price(place, bit, cut):
    changed = WRAPPED[:place] + (b"" if cut else bytes([WRAPPED[place] ^ 1 << bit]) + WRAPPED[place + 1 :])
    with pytest.raises(seal.SealError):
        seal.unwrap(changed, "the password", about="member:1")


@pytest.mark.parametrize(
    ("passes", "memory"), [(17, 8192), (2**32 - 1, 8192), (1, 2**30 + 1), (1, 2**63), (0, 8192), (1, 0)]
)
def test_unwrap__refuses_a_cost_that_is_never_written_before_paying_it(passes, memory):
    head = b"\x01" + passes.to_bytes(4, "big") + memory.to_bytes(8, "big")
    with pytest.raises(seal.SealError):
        seal.unwrap(head + WRAPPED[HEAD:], "the password", about="member:1")


@pytest.mark.parametrize(
    ("passes", "memory"), [(17, 8192), (2**32 - 1, 8192), (1, 2**30 + 1024), (1, 2**63), (17, 2**31)]
)
def test_unwrap__does_not_begin_to_pay_what_is_above_the_cap(monkeypatch, passes, memory):
    """The library itself would take 4 TB: the cap is ours."""
    monkeypatch.setattr(seal, "_slow", lambda *_: pytest.fail("paid"))
    head = b"\x01" + passes.to_bytes(4, "big") + memory.to_bytes(8, "big")
    with pytest.raises(seal.SealError):
        seal.unwrap(head + WRAPPED[HEAD:], "the password", about="member:1")


def test_unwrap__pays_what_the_cap_allows(monkeypatch):
    paid = []
    monkeypatch.setattr(seal, "_slow", lambda _secret, _salt, cost: paid.append(cost) or bytes(32))
    head = b"\x01" + (16).to_bytes(4, "big") + (2**30).to_bytes(8, "big")
    with pytest.raises(seal.SealError):
        seal.unwrap(head + WRAPPED[HEAD:], "the password", about="member:1")
    assert paid == [seal.Cost(16, 2**30)]


def test_wrap__costs_what_it_says(monkeypatch):
    """Passes and memory each where Argon2id takes them: swapped, a guess would cost next to nothing."""
    asked = {}
    kdf = seal.pwhash.argon2id.kdf
    monkeypatch.setattr(
        seal.pwhash.argon2id, "kdf", lambda *given, **cost: asked.update(cost) or kdf(*given, **cost)
    )
    seal.wrap(PAIR.private, "the password", about="a", cost=seal.Cost(passes=2, memory=16384))
    assert asked == {"opslimit": 2, "memlimit": 16384}


@pytest.mark.parametrize("version", [0, 2, 255])
def test_unwrap__refuses_another_version(version):
    with pytest.raises(seal.SealError):
        seal.unwrap(bytes([version]) + WRAPPED[1:], "the password", about="member:1")


def test_cost__is_at_least_the_second_choice_of_rfc_9106():
    assert seal.Cost().memory == 64 * 1024 * 1024
    assert seal.Cost().passes == 3
    assert seal.Cost().passes <= seal.MOST.passes
    assert seal.Cost().memory <= seal.MOST.memory


def test_cost__of_a_city_is_the_default_and_no_less():
    assert seal.Cost() == house.SEAL_COST


# --- what other programs compute


def test_wrap__is_what_openssl_makes_of_argon2id_and_libsodium_opens():
    slow = Argon2id(
        salt=WRAPPED[HEAD : HEAD + SALT], length=32, iterations=1, lanes=1, memory_cost=8192 // 1024
    )
    key, box = slow.derive(b"the password"), WRAPPED[HEAD + SALT :]
    padded = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(box[NONCE:], b"member:1", box[:NONCE], key)
    assert padded == PAIR.private + b"\x80" + b"\0" * (256 - 33)  # ISO/IEC 7816-4, as libsodium pads


def test_fingerprint__is_the_standard_librarys_keyed_blake2b():
    for size in (1, 15, 32, 64):
        expected = hashlib.blake2b(b"data", digest_size=size, key=KEY, person=b"receipt place").digest()
        assert seal.fingerprint(b"data", key=KEY, purpose="receipt place", size=size) == expected


def test_fingerprint__gives_the_published_answer_of_blake2b():
    # the first keyed line of blake2-kat.json, by the authors of BLAKE2 (github.com/BLAKE2/BLAKE2)
    published = (
        "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
        "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568"
    )
    assert seal.fingerprint(b"", key=bytes(range(64)), purpose="", size=64).hex() == published


def test_pair__has_the_public_key_that_openssl_derives():
    private = X25519PrivateKey.from_private_bytes(PAIR.private)
    assert private.public_key().public_bytes_raw() == PAIR.public


def test_derived__keys_differ_by_purpose_and_by_secret_and_are_blake2b():
    made = {seal.derived(secret, use) for secret in ("a", "b") for use in ("listen", "second factors")}
    assert len(made) == 4
    under = hashlib.blake2b(b"a", digest_size=32).digest()
    expected = hashlib.blake2b(b"", digest_size=32, key=under, person=b"listen").digest()
    assert seal.derived("a", "listen") == seal.derived(b"a", "listen") == expected


# --- codes that people write down

CODE = "7KQ2M0ZD9ABC3FGH4JKNPRST"


@given(once=st.binary(min_size=1, max_size=40), key=st.binary(min_size=16, max_size=64))
def test_receipt__follows_from_form_and_key_and_is_24_letters(once, key):
    code = seal.receipt(once, key)
    assert code == seal.receipt(once, key)
    assert len(code) == 24
    assert set(code) <= set(seal.ALPHABET)
    number = int.from_bytes(hashlib.blake2b(once, key=key, person=b"receipt", digest_size=15).digest(), "big")
    value = 0
    for letter in code:
        value = 32 * value + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    assert value == number  # all 120 bits, none lost and none twice


def test_receipt__is_another_one_for_another_form_or_key():
    codes = {seal.receipt(once, key) for once in (b"a", b"b") for key in (KEY, OTHER)}
    assert len(codes) == 4


def test_new_code__is_never_the_same():
    assert len({seal.new_code() for _ in range(100)}) == 100


def test_new_code__has_its_bits_in_every_letter():
    places = list(zip(*(seal.new_code() for _ in range(60)), strict=True))
    assert len(set(places)) == 24  # no letter repeats another one
    assert all(len(set(letters)) > 16 for letters in places)


def test_name__is_eleven_letters_that_do_not_begin_the_receipt():
    name = seal.name(b"a", KEY)
    assert (len(name), set(name) <= set(seal.ALPHABET)) == (11, True)
    assert name not in seal.receipt(b"a", KEY)


def test_receipt__is_found_by_a_keyed_hash_that_opens_nothing():
    assert seal.receipt_digest(CODE, KEY) != seal.receipt_digest(CODE, OTHER)
    assert seal.receipt_digest(CODE, KEY) != seal.receipt_key(CODE)
    assert (
        seal.receipt_key(CODE)
        == hashlib.blake2b(CODE.encode(), digest_size=32, person=b"receipt key").digest()
    )
    box = seal.lock(b"words", seal.receipt_key(CODE), about="a")
    with pytest.raises(seal.SealError):
        seal.unlock(box, seal.receipt_digest(CODE, KEY), about="a")


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        "7KQ2-M0ZD-9ABC-3FGH-4JKN-PRST",
        "7kq2 m0zd 9abc 3fgh 4jkn prst",
        "  7kq2-mOzd-9abc-3fgh-4jkn-prst.\n",
        "7KQ2–MoZD–9ABC–3FGH–4JKN–PRST",  # dashes that a keyboard makes of two
        "7KQ2\u00a0M0ZD\u202f9ABC\u2009\u200e3FGH 4JKN PRST",  # spaces that don't break, a mark of direction
        "۷KQ۲-M۰ZD-۹ABC-۳FGH-۴JKN-PRST",
        "٧KQ٢-M٠ZD-٩ABC-٣FGH-٤JKN-PRST",
    ],
)
def test_read_code__takes_it_as_people_type_it(typed):
    assert seal.read_code(typed) == CODE


@pytest.mark.parametrize(("typed", "meant"), [("O", "0"), ("o", "0"), ("I", "1"), ("l", "1"), ("u", "V")])
def test_read_code__reads_letters_that_the_alphabet_leaves_out(typed, meant):
    assert seal.read_code(typed + CODE[1:]) == meant + CODE[1:]


@pytest.mark.parametrize("typed", ["", CODE[:-1], CODE + "A", CODE[:-1] + "é", CODE[:-1] + "ش", "-" * 24])
def test_read_code__is_none_for_what_is_no_code(typed):
    assert seal.read_code(typed) is None


@given(st.text(max_size=60))
def test_read_code__gives_a_code_or_nothing(typed):
    code = seal.read_code(typed)
    assert code is None or (len(code) == 24 and set(code) <= set(seal.ALPHABET))


@given(st.binary(min_size=1, max_size=20))
def test_grouped__is_read_back(once):
    code = seal.receipt(once, KEY)
    shown = seal.grouped(code)
    assert [len(part) for part in shown.split("-")] == [4] * 6
    assert seal.read_code(shown) == code
