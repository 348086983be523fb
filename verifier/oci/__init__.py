"""Reads registries and OCI layouts: everything that is fetched comes through here, bounded and hashed.

credentials = Credentials.from_environment(os.environ)
with Sources(Settings(), credentials) as sources:
    reference = parse_reference("dhi.io/python:3.13")
    index = sources.open(reference).resolve(reference)

references, manifests      text and bytes to values; pure
credentials                who we are to which registry (authfile, credentialhelper)
sources                    one `Source` per place (remembering: nothing twice)
  contact                  how a registry is reached, for `doctor`
  layout                   on disk
  registry                 on a registry: the distribution-spec
    session                requests: redirects, retries, concurrency
      auth, challenges     tokens
      exchange             one bounded question and answer
        transport          HTTP on urllib3 (connections, proxies, addresses, locations)
"""

from verifier.oci.authfile import Credential
from verifier.oci.credentials import Credentials, Identity
from verifier.oci.manifests import parse_manifest
from verifier.oci.references import parse_reference
from verifier.oci.settings import Settings, Stats
from verifier.oci.sources import Sources

__all__ = ["Credential", "Credentials", "Identity", "Settings", "Sources", "Stats", "parse_manifest", "parse_reference"]
