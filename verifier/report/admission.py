"""The controls for which the decision about an image is evidence.

DISA's Container Platform Security Requirements Guide asks that the platform verify container images: their signature,
and that it is by an approved source. The CCI and the control of NIST SP 800-53 revision 5 are those that it stands for.
"""

from __future__ import annotations

VULNERABILITY = "V-233065"
REQUIREMENT = "SRG-APP-000131-CTR-000285"
TITLE = "The container platform must verify container images."
CCI = "CCI-003992"
FORMER_CCI = "CCI-001749"
CONTROL = "CM-14"
FORMER_CONTROL = "CM-5 (3)"
