"""The seal: the one place of the house that encrypts. Plain functions over libsodium (PyNaCl), no Django.

| what | how |
| --- | --- |
| contents under a key | XChaCha20-Poly1305 (`lock`, `unlock`), bound to what they are, lengths hidden |
| a key for somebody | X25519 sealed boxes (`seal`, `open_sealed`): who seals cannot open |
| a private key under a password or a recovery code | Argon2id, then as contents (`wrap`, `unwrap`) |
| keys from one secret | keyed BLAKE2b, a name of its own for each use (`derived`, of `hashes`) |
| what a receipt's holder said | Ed25519, by a key from the receipt (`signed`, `check_signed`) |
| receipts | 120 bits in Crockford's letters; looked up by keyed BLAKE2b, opening their report by BLAKE2b |

Source: the documentation of libsodium on each; RFC 9106 (Argon2), RFC 7693 (BLAKE2), RFC 8439 (Poly1305).
`docs/threat-model.md` says what each protects, from whom, and what not.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from nacl import bindings, pwhash
from nacl.encoding import RawEncoder
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.hash import blake2b
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import Aead
from nacl.signing import SigningKey, VerifyKey
from nacl.utils import random

from mahalleh.text import latin_digits
from mahalleh_site.people.hashes import KEY_BYTES
from mahalleh_site.people.hashes import derived as derived
from mahalleh_site.people.hashes import fingerprint as fingerprint

BLOCK: Final = 256  # bytes: texts are padded to whole blocks, so that their length says little
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
CODE_BYTES: Final = 15  # 120 bits: beyond any search, so that a keyed hash suffices to look one up
CODE_LETTERS: Final = CODE_BYTES * 8 // 5
GROUP: Final = 4
# what people type for letters that the alphabet leaves out
_TYPED: Final = str.maketrans("OILU", "011V")


Box = bytes | memoryview  # as a database gives bytes back: SQLite's driver and PostgreSQL's differ


class SealError(Exception):
    """A box that this key doesn't open: the wrong key, the wrong place, or damage. Never says which."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of a password costs: passes over `memory` bytes (Argon2id's t and m).

    Raises:
        ValueError: where `memory` is not in whole KiB, in which Argon2id counts.
    """

    passes: int = 3
    memory: int = 64 * 2**20

    def __post_init__(self) -> None:
        if self.memory % 1024:
            raise ValueError("memory is counted in KiB")


# none of ours costs more: a changed row must not make the server compute for hours or run out of memory
MOST: Final = Cost(passes=16, memory=2**30)


@dataclass(frozen=True, slots=True)
class Pair:
    """An X25519 key pair, 32 bytes each."""

    public: bytes
    private: bytes


def new_pair() -> Pair:
    """A new key pair."""
    private = bytes(PrivateKey.generate())
    return Pair(public_of(private), private)


def public_of(private: bytes) -> bytes:
    """The public key that belongs to a private one."""
    return bytes(PrivateKey(private).public_key)


def new_key() -> bytes:
    """A new key for contents: 32 bytes."""
    return bytes(random(KEY_BYTES))


# --- contents


def lock(data: bytes, key: bytes, *, about: str) -> bytes:
    """`data` under `key`, bound to what it is: the same `about` alone opens it."""
    padded = bindings.sodium_pad(data, BLOCK)
    return bytes(Aead(key).encrypt(padded, about.encode()))


def unlock(box: Box, key: bytes, *, about: str) -> bytes:
    """What `lock` hid.

    Raises:
        SealError: another key, another `about`, or a changed box.
    """
    try:
        return bindings.sodium_unpad(Aead(key).decrypt(bytes(box), about.encode()), BLOCK)
    except (CryptoError, ValueError) as error:
        raise SealError from error


def lock_text(text: str, key: bytes, *, about: str) -> bytes:
    """A text, as `lock`. Half a surrogate pair, which no text may hold, becomes a question mark."""
    return lock(text.encode(errors="replace"), key, about=about)


def storable(text: str) -> str:
    """A text as `unlock_text` will give it back."""
    return text.encode(errors="replace").decode()


def unlock_text(box: Box, key: bytes, *, about: str) -> str:
    """A text, as `unlock`.

    Raises:
        SealError: as `unlock`, and where what was hidden is no text.
    """
    try:
        return unlock(box, key, about=about).decode()
    except UnicodeDecodeError as error:
        raise SealError from error


# --- keys for somebody


def seal(data: bytes, public: Box) -> bytes:
    """`data` for the holder of the private key alone."""
    return bytes(SealedBox(PublicKey(bytes(public))).encrypt(data))


def open_sealed(box: Box, private: bytes) -> bytes:
    """What was sealed to this key.

    Raises:
        SealError: sealed to another one, or changed.
    """
    try:
        return bytes(SealedBox(PrivateKey(private)).decrypt(bytes(box)))
    except (CryptoError, ValueError) as error:
        raise SealError from error


_HEAD: Final = struct.Struct(">BIQ")  # version, passes, memory; then the salt, then the box
_SALT: Final = pwhash.argon2id.SALTBYTES


def wrap(private: bytes, secret: str, *, about: str, cost: Cost) -> bytes:
    """A key under a password or recovery code. What a guess costs is written into it."""
    salt = random(_SALT)
    return (
        _HEAD.pack(1, cost.passes, cost.memory) + salt + lock(private, _slow(secret, salt, cost), about=about)
    )


def unwrap(wrapped: Box, secret: str, *, about: str) -> bytes:
    """The key that `wrap` hid.

    Raises:
        SealError: the wrong secret, damage, or a cost above `MOST`.
    """
    wrapped = bytes(wrapped)
    try:
        version, passes, memory = _HEAD.unpack_from(wrapped)
    except struct.error as error:
        raise SealError from error
    if version != 1 or passes > MOST.passes or memory > MOST.memory:
        raise SealError
    salt, box = wrapped[_HEAD.size : _HEAD.size + _SALT], wrapped[_HEAD.size + _SALT :]
    try:
        key = _slow(secret, salt, Cost(passes, memory))
    except (CryptoError, ValueError, TypeError) as error:
        raise SealError from error
    return unlock(box, key, about=about)


def _slow(secret: str, salt: bytes, cost: Cost) -> bytes:
    return bytes(
        pwhash.argon2id.kdf(KEY_BYTES, secret.encode(), salt, opslimit=cost.passes, memlimit=cost.memory)
    )


# --- codes that people write down


def new_code() -> str:
    """A recovery code: 24 letters of 120 random bits."""
    return _letters(random(CODE_BYTES))


def receipt(form: bytes, key: bytes) -> str:
    """The receipt that belongs to a form: always the same for the same form, and no one can choose it."""
    return _letters(fingerprint(form, key=key, purpose="receipt", size=CODE_BYTES))


def name(form: bytes, key: bytes) -> str:
    """A name for what a form makes, in addresses: 11 letters that say nothing."""
    return _letters(fingerprint(form, key=key, purpose="name", size=7))


def grouped(code: str) -> str:
    """A code as it is shown: `7KQ2-M0ZD-...`."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read_code(typed: str) -> str | None:
    """A code as somebody typed it: in any case, with spaces or dashes, with digits of any script."""
    kept = "".join(letter for letter in latin_digits(typed.upper()).translate(_TYPED) if letter.isalnum())
    return kept if len(kept) == CODE_LETTERS and set(kept) <= set(ALPHABET) else None


def receipt_digest(code: str, key: bytes) -> bytes:
    """Under which hash the conversation of a receipt is found: keyed, 32 bytes."""
    return fingerprint(code.encode(), key=key, purpose="receipt place")


def receipt_key(code: str) -> bytes:
    """The key by which a receipt opens its report. The receipt itself has too many bits to be guessed."""
    return blake2b(code.encode(), person=b"receipt key", digest_size=KEY_BYTES, encoder=RawEncoder)


def signer(code: str) -> bytes:
    """The public key of whoever holds a receipt: 32 bytes."""
    return bytes(_signing(code).verify_key)


def signed(said: bytes, code: str) -> bytes:
    """The signature of a receipt's holder on `said`: 64 bytes."""
    return _signing(code).sign(said).signature


def check_signed(said: bytes, signature: bytes, public: bytes) -> None:
    """Whether the holder of the receipt that belongs to `public` said this.

    Raises:
        SealError: somebody else did, or something else was said.
    """
    try:
        VerifyKey(public).verify(said, signature)
    except (BadSignatureError, CryptoError, ValueError) as error:
        raise SealError from error


def _signing(code: str) -> SigningKey:
    return SigningKey(
        blake2b(code.encode(), person=b"receipt signs", digest_size=KEY_BYTES, encoder=RawEncoder)
    )


def _letters(data: bytes) -> str:
    number = int.from_bytes(data, "big")
    count = len(data) * 8 // 5
    return "".join(ALPHABET[number >> 5 * digit & 31] for digit in reversed(range(count)))
