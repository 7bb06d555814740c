"""Reads companies by id, as the states that an `up` would record; resumes an interrupted run."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pulumi_conduit.api.records import CompanyRecord
from pulumi_conduit.cli.adopt.inventory import LeftOut
from pulumi_conduit.errors import NotFoundError, RefusedError, UnexpectedResponseError, escaped
from pulumi_conduit.resources import fields
from pulumi_conduit.resources.company.model import PROPERTIES, CompanySpec, CompanyState, recorded_company
from pulumi_conduit.resources.fields import from_properties, normal_form
from pulumi_conduit.roster.source import Position, Problems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pulumi_conduit.cli.terminal import ProgressDisplay
    from pulumi_conduit.resources.provider_context import LinkSession

__all__ = ["CompanyReader", "Progress", "read_ids"]

_LONGEST_S = 3600.0
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FLAGS = os.O_CREAT | os.O_APPEND | os.O_WRONLY | _NO_LINK


class Progress:
    """The companies that were read, by lower-cased id; safe for several threads."""

    def __init__(self, path: Path, tenant: str) -> None:
        """Read an existing file; RefusedError if it is of another tenant or another program."""
        self.path = path
        self._tenant = tenant
        self._lock = threading.Lock()
        text = self._text()
        self._records = self._read(text)
        if text and time.time() - path.stat().st_mtime > _LONGEST_S:
            path.unlink()
            text, self._records = "", {}
        self._is_begun = bool(text)

    def _text(self) -> str:
        """Return the progress file's text; RefusedError if it is a link or belongs to another user."""
        try:
            with open(self.path, encoding="utf-8", errors="replace", opener=_follow_no_link) as stream:
                is_own = os.name != "posix" or os.fstat(stream.fileno()).st_uid == os.getuid()
                text = stream.read() if is_own else None
        except FileNotFoundError:
            return ""
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            text = None
        if text is None:
            raise RefusedError(f"{escaped(str(self.path))}: is a link, or another user's file; remove it to begin anew")
        return text

    def record(self, company_id: str) -> CompanyRecord | None:
        """Return a company that an earlier run read."""
        return self._records.get(company_id.lower())

    def save(self, record: CompanyRecord) -> None:
        """Save a company to disk before the next request."""
        with self._lock:
            self._records[record.id.lower()] = record
            # The newline precedes the line, so that a line truncated by a kill does not corrupt the next one.
            self._append(("" if self._is_begun else self._head()) + f"\n{record.model_dump_json()}")

    def _append(self, text: str) -> None:
        with os.fdopen(os.open(self.path, _FLAGS, 0o600), "a", encoding="utf-8") as stream:
            stream.write(text)
        self._is_begun = True

    def _head(self) -> str:
        return json.dumps({"tenant": self._tenant})

    def _read(self, text: str) -> dict[str, CompanyRecord]:
        first, *lines = text.split("\n")
        if text and first != self._head():
            raise RefusedError(
                f"{escaped(str(self.path))}: is the progress of another Link APP; remove it to start over"
            )
        return {record.id.lower(): record for record in map(_record, lines) if record}


def _follow_no_link(path: str, flags: int) -> int:
    return os.open(path, flags | _NO_LINK)


def _record(line: str) -> CompanyRecord | None:
    with contextlib.suppress(ValidationError):
        return CompanyRecord.model_validate_json(line)
    return None


_MISSING = "404: this Link APP has no company of this id"


def read_ids(text: str, file: str) -> list[str]:
    """Parse ids, one per line, without duplicates; InvalidInputError lists every invalid line."""
    ids: dict[str, str] = {}
    problems = Problems()
    for number, line in enumerate(text.splitlines(), start=1):
        if one := _id(line.strip(), Position(file, number, 1), problems):
            ids.setdefault(one.lower(), one)
    problems.refuse_any()
    return list(ids.values())


def _id(text: str, at: Position, problems: Problems) -> str | None:
    try:
        return fields.company_id(text) if text else None
    except ValueError as error:
        problems.add(at, f"company_id: {error}")
        return None


class CompanyReader:
    """The companies of one Link APP."""

    def __init__(self, session: LinkSession, profile: str | None, progress: Progress) -> None:
        """Take the Link APP, its profile, and the progress of an earlier run."""
        self._session = session
        self._profile = profile
        self._progress = progress
        self.found: list[CompanyState] = []
        self.left_out: list[LeftOut] = []
        self.resumed = 0
        """How many companies an earlier run read."""

    def read(self, ids: Sequence[str], *, workers: int, display: ProgressDisplay) -> None:
        """GET each company that was not read before, several at a time."""
        self.resumed = sum(self._progress.record(one) is not None for one in ids)
        pool = ThreadPoolExecutor(workers)
        try:
            asked = {one: pool.submit(self._read, one) for one in ids}
            # The first failure ends the run: what was read is saved.
            display.run("companies", (future.result() for future in as_completed(asked.values())), len(asked))
        finally:
            pool.shutdown(cancel_futures=True)
        for company_id, future in asked.items():
            self._evaluate(company_id, future.result())

    def _read(self, company_id: str) -> CompanyRecord | NotFoundError | UnexpectedResponseError:
        known = self._progress.record(company_id)
        if known is not None:
            return known
        try:
            record = self._session.client.get_company(company_id)
        except (NotFoundError, UnexpectedResponseError) as error:
            return error
        self._progress.save(record)
        return record

    def _evaluate(self, company_id: str, response: CompanyRecord | NotFoundError | UnexpectedResponseError) -> None:
        what = f"company '{escaped(company_id, 80)}'"
        if isinstance(response, NotFoundError | UnexpectedResponseError):
            reason = _MISSING if isinstance(response, NotFoundError) else str(response)
            self.left_out.append(LeftOut(what, reason))
            return
        declared = {
            "companyId": response.id,
            "name": response.name or None,  # an empty name can only be declared by omitting it
            "pageEnabled": response.link_page.enabled,
            "profile": self._profile,
        }
        normal = normal_form(PROPERTIES, declared)
        name = escaped(response.name or "", 80)
        self.left_out += [LeftOut(what, f"{reason}; it is '{name}'") for reason in normal.reasons]
        if not normal.reasons:
            spec = from_properties(CompanySpec, normal.inputs, "company")
            self.found.append(recorded_company(spec, response, self._session.tenant))
