"""Failed sign-ins make the next ones wait, and never shut out someone who is elsewhere.

Under one name from one address, attempts beyond the first five are refused for a time that doubles to a quarter of an
hour. An address that fails for many names is refused for up to a minute. A name that fails from many addresses is
answered later, by four seconds at most: its owner, from an address of their own, always comes in.
"""

import hashlib
import ipaddress
import time
from dataclasses import dataclass, replace
from typing import Final

from api.auth.errors import SignInThrottled
from wenyuan.db.engine import Database
from wenyuan.db.identity.credentials import Failures, note_failure, read_failures, take_back

PAIR_FREE: Final = 5
PAIR_MOST_S: Final = 900.0
ADDRESS_FREE: Final = 50
ADDRESS_MOST_S: Final = 60.0
NAME_FREE: Final = 20
NAME_MOST_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """The keys of one attempt, and how long it has to be answered later."""

    pair: str
    address: str
    name: str
    later_s: float = 0.0


async def admit(database: Database, name: str, address: str) -> Attempt:
    """Return the attempt; raises ``SignInThrottled`` while it has to wait.

    It counts as a failure until it has succeeded, so that many at one time get no further than many in a row.
    """
    network = _network(address)
    folded = name.casefold()
    attempt = Attempt(_key("pair", folded, network), _key("address", network), _key("name", folded))
    keys = [attempt.pair, attempt.address, attempt.name]
    async with database.write() as tx:
        pair, place, named = await read_failures(tx, keys)
        wait_s = max(_wait(pair, PAIR_FREE, PAIR_MOST_S), _wait(place, ADDRESS_FREE, ADDRESS_MOST_S))
        if wait_s > 0:
            raise SignInThrottled(retry_after_s=int(wait_s) + 1)
        await note_failure(tx, keys)
    if named.count < NAME_FREE:
        return attempt
    return replace(attempt, later_s=min(0.25 * 2 ** min(named.count - NAME_FREE, 10), NAME_MOST_S))


async def succeeded(database: Database, attempt: Attempt) -> None:
    """Forget the failures of this person from here; those of others from the same address stay."""
    async with database.write() as tx:
        await take_back(tx, attempt.pair, [attempt.address, attempt.name])


def _wait(seen: Failures, free: int, most_s: float) -> float:
    if seen.count < free:
        return 0.0
    return seen.last_at + min(2.0 ** min(seen.count - free, 20), most_s) - time.time()


def _network(address: str) -> str:
    """Return what counts as one address: of IPv6, the 64 bits that one customer is given."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
