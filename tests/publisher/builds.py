"""How a clean image was built: SLSA provenance in both versions, Scout's, the source image, a verification summary."""

from __future__ import annotations

import base64
import hashlib

from tests.publisher.about import JSON, About

BUILDER = "https://builder.example/dhi"
_SOURCE = "https://github.com/docker-hardened-images/catalog.git#refs/heads/main"
_COMMIT = "30c3db971d30c3db971d30c3db971d30c3db971d"


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _materials(about: About, count: int) -> list[JSON]:
    base = f"pkg:docker/dhi.io/build@2-debian13?platform=linux%2F{about.architecture}"
    packages = (f"https://dhi.io/deb/debian/pool/main/e/libexample{number}.deb" for number in range(count - 1))
    return [{"uri": uri, "digest": {"sha256": _hex(uri)}} for uri in (base, *packages)]


def _entry_point(about: About) -> str:
    return f"image/{about.product.rpartition('/')[2]}/debian-13/3.13.yaml"


def slsa_v02(about: About, *, materials: int = 4, builder: str = BUILDER) -> JSON:
    """As BuildKit writes it with mode=max; started 20 minutes before the image was there."""
    return {
        "buildType": "https://mobyproject.org/buildkit@v1",
        "builder": {"id": builder},
        "invocation": {
            "configSource": {"uri": _SOURCE, "digest": {"sha1": _COMMIT}, "entryPoint": _entry_point(about)},
            "parameters": {"frontend": "gateway.v0", "args": {"source": "dhi.io/build:2-debian13"}},
            "environment": {"platform": about.platform},
        },
        "materials": _materials(about, materials),
        "metadata": {
            "buildInvocationID": "build-0001",
            "buildStartedOn": about.time(-20),
            "buildFinishedOn": about.time(),
            "completeness": {"parameters": True, "environment": True, "materials": True},
            "reproducible": False,
            "https://mobyproject.org/buildkit@v1#hermetic": True,
        },
    }


def slsa_v1(about: About, *, materials: int = 4, builder: str = BUILDER) -> JSON:
    return {
        "buildDefinition": {
            "buildType": "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
            "externalParameters": {
                "configSource": {"uri": _SOURCE, "digest": {"sha1": _COMMIT}, "path": _entry_point(about)},
                "request": {"frontend": "gateway.v0", "args": {"source": "dhi.io/build:2-debian13"}},
            },
            "internalParameters": {"builderPlatform": about.platform},
            "resolvedDependencies": _materials(about, materials),
        },
        "runDetails": {
            "builder": {"id": builder},
            "metadata": {
                "invocationID": "build-0001",
                "startedOn": about.time(-20),
                "finishedOn": about.time(),
                "buildkit_hermetic": True,
                "buildkit_completeness": {"request": True, "resolvedDependencies": True},
            },
        },
    }


def scout_provenance(about: About) -> JSON:
    definition = f"# syntax=dhi.io/build:2-debian13\nname: {about.product}\n"
    return {
        "base_image": {"name": "dhi.io/build", "digest": f"sha256:{_hex('dhi.io/build:2-debian13')}"},
        "source_map": {"dockerfile": base64.b64encode(definition.encode()).decode()},
    }


def source(about: About, *, digest: str = "") -> JSON:
    return {"source": {"name": about.product, "digest": digest or f"sha256:{_hex('source of ' + about.product)}"}}


def vsa(about: About, *, result: str = "PASSED") -> JSON:
    policy = "9abb52ba203238ce39f417bb908165c4c7e186a937461589ee72c8441430f3b4"
    return {
        "verifier": {"id": "https://verifier.example/dhi", "version": {"docker-scout": "1.18.2"}},
        "timeVerified": about.time(60),
        "resourceUri": f"{about.purl()}&digest={about.digest}",
        "policy": {"uri": "dhi/policies:0.0.2", "digest": {"sha256": policy}},
        "inputAttestations": [],
        "verificationResult": result,
        "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
        "slsaVersion": "1.0",
    }
