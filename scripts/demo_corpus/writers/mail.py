"""An e-mail notice with a plain and an HTML part."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from scripts.demo_corpus.model import Document
from scripts.demo_corpus.writers.html import html_block
from scripts.demo_corpus.writers.text import plain_block

_DOMAIN = "yanlan-electric.example"
_CHINA = timezone(timedelta(hours=8))


def write(document: Document) -> bytes:
    """RFC 5322 bytes with fixed date, id and boundary."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = document.title
    message["From"] = f"{document.meta['owner']} <it-notice@{_DOMAIN}>"
    message["To"] = f"全体员工 <all-staff@{_DOMAIN}>"
    sent = datetime.fromisoformat(document.meta["date"]).replace(hour=9, minute=30, tzinfo=_CHINA)
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = f"<{document.meta['number'].lower()}@{_DOMAIN}>"
    message.set_content("\n\n".join(plain_block(block) for block in document.blocks) + "\n", cte="base64")
    body = "\n".join(html_block(block) for block in document.blocks)
    message.add_alternative(f'<html lang="zh-CN"><body>\n{body}\n</body></html>\n', subtype="html", cte="base64")
    message.set_boundary(f"=_{document.meta['number']}")
    return message.as_bytes()
