"""Every bound of the program, in one place, each with its reason.

Whatever is fetched is hostile until it is proved otherwise, so each bound is checked before memory is taken.
"""

from __future__ import annotations

import msgspec

KiB = 1024
MiB = 1024 * KiB


class Limits(msgspec.Struct, frozen=True):
    """Bounds on what is read and how long it may take. Sizes are bytes, times are seconds."""

    # oci: documents
    manifest_bytes: int = 4 * MiB  # distribution-spec: registries should accept manifests up to 4 MiB, and need no more
    config_bytes: int = 4 * MiB  # an image configuration is a few KiB; histories of hundreds of layers stay below
    token_bytes: int = 64 * KiB  # a token answer is a JWT and a date; go-containerregistry uses the same bound
    error_bytes: int = 8 * KiB  # as much of an error page as a message can use
    attestation_bytes: int = 64 * MiB  # SBOMs with file lists reach tens of MiB; BuildKit itself stops at 40
    envelope_bytes: int = 64 * MiB * 4 // 3 + 1 * MiB  # an attestation in base64, and all else of its envelope
    envelope_overhead_bytes: int = 1 * MiB  # that "all else": certificates, log entries, timestamps; about 10 KiB
    envelope_signatures: int = 16  # of one envelope, each tried with each key; real ones have one or two
    certificates: int = 10  # of one chain; Sigstore's have two or three
    log_entries: int = 32  # of one bundle: sigstore-go's bound
    log_body_bytes: int = 128 * KiB  # what a log recorded: 16 signatures with a certificate each take half of it
    log_proof_hashes: int = 64  # the height of a tree whose size fits 64 bits
    checkpoint_bytes: int = 16 * KiB  # a witness adds about 150 bytes
    checkpoint_signatures: int = 32  # the log's own and those of its witnesses; real ones have up to ten
    certificate_bytes: int = 64 * KiB  # one certificate; Fulcio's have about 1 KiB
    timestamps: int = 32  # of one bundle: sigstore-go's bound
    timestamp_bytes: int = 64 * KiB  # one RFC 3161 response; with its certificates it has about 6 KiB
    identity_text: int = 2_048  # characters of a subject, issuer or claim; GitHub's workflow addresses have about 100
    pattern_text: int = 512  # characters of an identity pattern
    pattern_states: int = 1_000  # of its machine: the worst pattern found takes 0.2 s on the longest text
    payload_bytes: int = 64 * KiB  # a simple-signing payload is about 240 bytes
    rekor_annotation_bytes: int = 64 * KiB  # one log entry with proof
    evidence_bytes: int = 256 * MiB  # all blobs of evidence of one image together
    small_bytes: int = 64 * MiB  # all blobs of up to `payload_bytes` of one image together: signatures, small bundles
    manifests_bytes: int = 64 * MiB  # all manifests of one image together, and as much of large ones; real: 1 KiB each
    configs_bytes: int = 4 * MiB  # the configurations of all platforms together; parsed, they take 40 times that
    layers: int = 1_000  # per manifest; cosign uses the same bound
    bases: int = 32  # images that may be the base of one platform; a build with many stages names about ten
    index_entries: int = 1_000  # manifests of one index
    indexes: int = 32  # the index of an image and those inside it; real ones have one
    layout_manifests: int = 20_000  # of a whole OCI layout, which may hold many images with 60 manifests each
    index_depth: int = 3  # an index inside an index inside an index
    referrers: int = 1_000  # of one manifest; a hardened image has about 16
    referrer_pages: int = 50  # of one listing
    signatures: int = 100  # candidates tried per manifest; a tag that is signed at every rebuild collects them
    annotations: int = 512  # per descriptor

    # oci: transport
    redirects: int = 5  # object storage needs one or two
    retries: int = 4  # on 429, 5xx and broken connections
    retry_after: float = 30.0  # longest wait that a server may ask for
    connect_timeout: float = 10.0
    read_timeout: float = 30.0  # silence on an open connection
    request_timeout: float = 60.0  # one request, first byte to last
    bytes_per_second: int = 1 * KiB  # slower than this after a grace of read_timeout is an attack or as good as one
    run_timeout: float = 120.0  # one image, all requests together (--timeout)
    jobs: int = 8  # requests under way at once per host (--jobs); more earns 429 from Docker Hub
    helper_timeout: float = 30.0  # a credential helper may ask a key store, not a person
    helper_bytes: int = 64 * KiB

    # documents
    json_depth: int = 64  # the deepest real predicate seen has about 20
    json_integer_digits: int = 20  # a 64-bit integer
    subjects: int = 1_024  # sigstore-go's bound
    subject_digests: int = 32  # sigstore-go's bound
    policy_bytes: int = 1 * MiB
    policy_sections: int = 1_000  # image patterns of one document
    waivers: int = 1_000  # of one section; each is matched with each violation
    waiver_text: int = 1_000  # characters of a waiver's reason, or of another member
    age_days: int = 36_500  # what a maximal age may say: a hundred years are as good as no limit
    key_bytes: int = 64 * KiB
    xml_bytes: int = 32 * MiB  # an XCCDF result of the full DHI profile has 0.6 MiB
    xml_depth: int = 64
    xml_elements: int = 1_000_000
    report_text: int = 2_000  # characters of foreign text in one message

    # details of evidence
    failed_rules: int = 100  # of one scan, named to the rules of a policy; DHI's profile can fail 91
    detail_rules: int = 10_000  # results of one scan; DISA's longest benchmark has about 500 rules
    detail_text: int = 20_000  # characters of one text of a rule; the longest of DISA's have about 6,000
    detail_letters: int = 8 * MiB  # all texts of one scan as they are shown; those of 500 rules are about 3 MiB
    detail_messages: int = 100  # of one rule's result, and CCIs of one rule; real ones have up to ten
    detail_tests: int = 5_000  # of one test report; real ones have up to a few hundred
    detail_output: int = 64 * KiB  # characters that one test printed; self-tests of OpenSSL print about 5 KiB
    detail_modules: int = 1_000  # of one FIPS attestation; real ones have up to ten
    detail_packages: int = 5_000  # of one SBOM; more are counted; a full distribution image has about 1,000

    # rules
    rule_seconds: float = 5.0  # wall clock per rule and platform
    rules_seconds: float = 25.0  # all rules of one image together: an endless rule must not hold a gate
    load_seconds: float = 5.0  # to compile all rules of one image; the shipped pack takes a tenth of a second
    rule_memory: int = 2_048 * MiB  # address space of the worker
    rule_violations: int = 1_000  # kept per rule; more are counted
    violation_items: int = 500  # members and items of one violation's detail; a detail has about six
    rule_output_bytes: int = 16 * MiB  # one answer of the worker
    rule_prints: int = 1_000
    rego_bytes: int = 1 * MiB  # one module
    metadata_text: int = 8 * 1024  # characters of one METADATA block; the longest shipped has 900, and YAML is slow
    rego_files: int = 500  # modules of one directory; the shipped pack has about 20
    rego_lines: int = 20_000  # of a module; the engine's own bound
    rego_columns: int = 64 * KiB  # one line of a module: a test may hold a document in one

    # rules: explanations and tests
    explained_bytes: int = 256 * KiB  # of a module that is taken apart; its syntax tree is a hundred times as large
    explained_values: int = 200  # named values, inputs and questions of one rule, each; real rules have about 30
    explained_items: int = 200  # members of one value, all levels together; more are counted
    explained_members: int = 2_000  # of all values of one rule, of its inputs and of its questions; shipped rules: 440
    explained_letters: int = 128 * KiB  # all texts of one rule's explanation; ASCII counts once, anything else fourfold
    explained_run: int = 64 * MiB  # all explanations of one run, as they lie in memory; testdata: 0.4 MiB
    explained_text: int = 500  # characters of one text in a value
    rego_tests: int = 1_000  # tests of one rule; the shipped rules have up to 40

    # bundles of rules in a registry
    bundle_files: int = 500  # rules, their tests, documents and cases; the shipped packs have about 30 together
    bundle_file_bytes: int = 8 * MiB  # a case may hold an SBOM, which has about 1 MiB; a rule has its own bound
    bundle_bytes: int = 32 * MiB  # all files of one bundle
    bundle_path: int = 200  # characters of the name of a file in it, directories included

    # tests of rules
    test_files: int = 20_000  # looked at below one directory; a directory that was meant to be another ends soon
    test_depth: int = 16  # directories inside directories

    # vex
    vex_documents: int = 64  # of one platform, and as many files; a hardened image has two or three
    vex_entries: int = 1_000_000  # statements, products and subcomponents of one; all of Docker's have 180,000
    vex_range: int = 1_000  # characters of a version range and a version
    vex_shown: int = 20  # findings on which documents disagree, named in a report; more are counted

    # reports
    csv_cell: int = 32_000  # characters; spreadsheets keep 32,767
    lint_results: int = 5_000  # findings in SARIF or Code Quality, the gravest first; GitHub shows no more
    lint_bytes: int = 8 * MiB  # all of them; GitHub takes 10 MiB compressed
    exported_text: int = 8_000  # characters of a text with several lines in OSCAL; the longest seen, of DISA, has 3,500
    exported_violations: int = 100  # of one rule, and tests of one report, named in OSCAL; more are counted
    shown_annotations: int = 10  # of each level; GitHub shows no more of one step
    html_violations: int = 20  # of one rule; more are counted, JSON and CSV have them
    html_rows: int = 5_000  # packages of one SBOM, or rules of one scan; a browser still opens the page at once
    html_text: int = 20_000  # characters of one text of a STIG rule; the longest of DISA's have about 6,000
    markdown_bytes: int = 60_000  # GitHub takes 65,536 characters of a comment, and 1 MiB of a job summary
    markdown_cell: int = 300  # characters of one foreign text; it is to be read beside a pull request
    checklist_text: int = 32_000  # characters of what a checklist says of one rule; STIG Manager keeps 32,767
    checklist_contradictions: int = 5  # of a scan, repeated with each of its rules; more are counted

    # Dockerfiles
    dockerfile_bytes: int = 256 * KiB  # real ones have up to 50 KiB; BuildKit's parser takes 4 s on the worst
    dockerfile_line: int = 65_535  # the bound of that parser; continued lines count as one here, for it is quadratic
    dockerfile_instructions: int = 5_000  # triggers of ONBUILD counted wherever they take effect
    dockerfile_word: int = 4_096  # characters of a value after expansion: two uses of a variable double it
    dockerfile_depth: int = 16  # substitutions inside substitutions
    dockerfile_images: int = 200  # images of one run; each is verified
    dockerfile_shown: int = 160  # characters of a source line beside a finding


DEFAULT_LIMITS = Limits()
