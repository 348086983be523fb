# METADATA
# title: No shell or package manager that the image says it does not have
# description: >-
#   Where the image's labels promise that there is no shell or no package manager, none of its verified bills of
#   materials (SPDX, CycloneDX, Scout's) holds one: no bash, busybox, dash, ksh, zsh and their like, no apk, apt, dnf
#   and theirs. Each of them lists packages. Libraries of programming languages that bear such a name do not count.
# custom:
#   name: dhi-unintentional-shell-or-package-manager
#   result_type: boolean
#   remediation: Use a variant without the package, or one whose labels name it.
#   details_order: [package, kind]
#   evidence: [sbom]
package docker.scout

import rego.v1

default applicable := true

# Labels are absent from images that promise nothing.
applicable := false if {
	not "com.docker.dhi.shell" in object.keys(labels)
	not "com.docker.dhi.package-manager" in object.keys(labels)
}

# A package image comes without a bill of materials; one that has one is judged like any other.
applicable := false if {
	data.dhiverify.image.artifact == "package"
	count(bills) == 0
}

# Without a bill of materials there is no answer.
pass := count(violation) == 0 if count(bills) > 0

violation contains {"message": "expected a bill of materials with a list of named packages, found none in it"} if {
	count(readable) < count(bills)
}

violation contains {"message": "expected packages in every bill of materials, found none in one of them"} if {
	some packages in readable
	count(packages) == 0
}

violation contains {
	"message": sprintf("the label %s is empty, and the image holds %s", [label, found.item.name]),
	"detail": {"package": found.item.name, "kind": label},
} if {
	some label, names in unwanted
	trim_space(labels[label]) == ""
	some found in suspects
	found.name in names
	not is_library(found.item)
}

# Docker's own packages are called pkg-NAME.
suspects := [{"name": name, "item": item} |
	some packages in readable
	some item in packages
	name := trim_prefix(lower(item.name), "pkg-")
	name in unwanted_names
]

unwanted_names := union({names | some names in unwanted})

unwanted := {
	"com.docker.dhi.shell": {
		"ash", "bash", "bash-static", "busybox", "busybox-binsh", "busybox-static", "csh", "dash", "dash-binsh", "fish",
		"ksh", "ksh93", "ksh93u+m", "loksh", "mksh", "oksh", "powershell", "tcsh", "toybox", "yash", "zsh", "zsh-static",
	},
	"com.docker.dhi.package-manager": {
		"apk-tools", "apk-tools-static", "apt", "aptitude", "dnf", "dnf5", "microdnf", "opkg", "pacman", "rpm", "tdnf",
		"yum", "zypper",
	},
}

# A package of a programming language may have any name: dash is a shell, and a Python library.
is_library(item) if {
	count(purls(item)) > 0
	every purl in purls(item) {
		regex.match(
			`^pkg:/*(cargo|cocoapods|composer|conan|conda|cran|gem|golang|hackage|hex|maven|npm|nuget|pub|pypi|swift)/`,
			lower(purl),
		)
	}
}

# CycloneDX and Scout have one in a member, SPDX in references.
purls(item) := of_member | of_references if {
	of_member := {item.purl | is_string(item.purl)}
	of_references := {reference.referenceLocator |
		some reference in item.externalRefs
		startswith(reference.referenceLocator, "pkg:")
	}
}

types := {
	"https://spdx.dev/Document": "packages",
	"https://spdx.dev/Document/v2.3": "packages",
	"https://cyclonedx.org/bom": "components",
	"https://cyclonedx.org/bom/v1.4": "components",
	"https://cyclonedx.org/bom/v1.5": "components",
	"https://cyclonedx.org/bom/v1.6": "components",
	"https://cyclonedx.org/bom/v1.7": "components",
	"https://scout.docker.com/sbom/v0.1": "artifacts",
}

# The list of packages in each bill of materials, as it stands.
bills := [listed(type, statement, member) |
	some type, member in types
	some statement in statements(type)
]

listed(type, statement, member) := found if {
	found := document(type, statement.predicate)[member]
} else := null

document(_, predicate) := predicate if is_object(predicate)

# Old cosign put SPDX into a JSON string.
document(type, predicate) := found if {
	startswith(type, "https://spdx.dev/")
	is_string(predicate)
	json.is_valid(predicate)
	found := json.unmarshal(predicate)
	is_object(found)
}

readable := [found |
	some packages in bills
	is_array(packages)
	found := unfolded(packages)
	every item in found {
		is_string(item.name)
	}
]

# A component of CycloneDX may hold others. A bill that goes deeper than is looked cannot be read.
unfolded(packages) := array.concat(packages, array.concat(second, array.concat(third, fourth))) if {
	second := inside(packages)
	third := inside(second)
	fourth := inside(third)
	inside(fourth) == []
}

inside(packages) := [item | some item in lists[_]] if {
	lists := [item.components | some item in packages; item.components != null]
	every list in lists {
		is_array(list)
	}
}

default labels := {}

labels := input.source.image.config.config.Labels if is_object(input.source.image.config.config.Labels)

# dhiverify hands over every verified statement about this image. Docker Scout has one per type, and its subject is
# compared here.
statements(type) := object.get(data.dhiverify.statements, type, []) if {
	data.dhiverify
} else := [found.statement] if {
	found := oci.referrer(type)
	some subject in found.statement.subject
	sprintf("sha256:%s", [subject.digest.sha256]) == input.source.image.digest
}
