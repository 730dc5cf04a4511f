"""What tests of complete deletion need of others: programs, visitors, a mail gateway."""

from tests.api.conftest import fetch, paper, speaker
from tests.mail.conftest import smtp
from tests.portal.conftest import visit

__all__ = ["fetch", "paper", "smtp", "speaker", "visit"]
