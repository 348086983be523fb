# What the image promises stands in its labels, and what it holds in the bills of materials, of any of three formats.
package docker.scout_test

import data.docker.scout
import rego.v1

# What each format calls its list of packages.
members := {
	"https://spdx.dev/Document": "packages",
	"https://spdx.dev/Document/v2.3": "packages",
	"https://cyclonedx.org/bom": "components",
	"https://cyclonedx.org/bom/v1.4": "components",
	"https://cyclonedx.org/bom/v1.5": "components",
	"https://cyclonedx.org/bom/v1.6": "components",
	"https://cyclonedx.org/bom/v1.7": "components",
	"https://scout.docker.com/sbom/v0.1": "artifacts",
}

no_shell := labelled({"com.docker.dhi.shell": ""})

no_manager := labelled({"com.docker.dhi.package-manager": " "})

neither := labelled({"com.docker.dhi.shell": "", "com.docker.dhi.package-manager": ""})

labelled(labels) := {"source": {"image": {"digest": "sha256:abab", "config": {"config": {"Labels": labels}}}}}

called(name) := {"name": name}

openssl := called("openssl")

listing(packages) := {"packages": packages}

statements(predicates) := {"https://spdx.dev/Document": [{"predicate": predicate} | some predicate in predicates]}

holding(packages) := statements([listing(packages)])

# Whether an image of these labels may hold this.
met(image, bills) if scout.pass with input as image with data.dhiverify.statements as bills

# The violations otherwise.
faults(image, bills) := found if {
	found := scout.violation with input as image with data.dhiverify.statements as bills
	refused := scout.pass with input as image with data.dhiverify.statements as bills
	refused == false
}

test_other_packages_pass if {
	met(neither, holding([openssl, called("bashful"), called("libapt-pkg"), called("pkg-openssl")]))
	scout.applicable with input as neither with data.dhiverify.statements as holding([openssl])
}

test_a_shell_is_named if {
	faults(no_shell, holding([openssl, called("busybox")])) == {{
		"message": "the label com.docker.dhi.shell is empty, and the image holds busybox",
		"detail": {"package": "busybox", "kind": "com.docker.dhi.shell"},
	}}
}

test_a_package_manager_is_named if {
	faults(no_manager, holding([openssl, called("apk-tools")])) == {{
		"message": "the label com.docker.dhi.package-manager is empty, and the image holds apk-tools",
		"detail": {"package": "apk-tools", "kind": "com.docker.dhi.package-manager"},
	}}
}

test_all_names_are_known if {
	every name in [
		"ash", "bash", "bash-static", "busybox", "busybox-binsh", "busybox-static", "csh", "dash", "dash-binsh", "fish",
		"ksh", "ksh93", "ksh93u+m", "loksh", "mksh", "oksh", "powershell", "tcsh", "toybox", "yash", "zsh", "zsh-static",
	] {
		count(faults(no_shell, holding([called(name)]))) == 1
	}
	every name in [
		"apk-tools", "apk-tools-static", "apt", "aptitude", "dnf", "dnf5", "microdnf", "opkg", "pacman", "rpm", "tdnf",
		"yum", "zypper",
	] {
		count(faults(no_manager, holding([called(name)]))) == 1
	}
}

test_case_and_the_prefix_of_packages_of_docker_do_not_matter if {
	found := faults(no_shell, holding([called("Bash"), called("pkg-Dash")]))
	{one.detail.package | some one in found} == {"Bash", "pkg-Dash"}
}

test_what_a_label_names_is_intended if {
	met(labelled({"com.docker.dhi.shell": "bash"}), holding([called("bash")]))
	met(no_shell, holding([called("apt")]))
	met(no_manager, holding([called("bash")]))
}

test_every_format_is_read if {
	every type, member in members {
		every name, violations in {"bash": 1, "openssl": 0} {
			bills := {type: [{"predicate": {member: [called(name)]}}]}
			found := scout.violation with input as no_shell with data.dhiverify.statements as bills
			count(found) == violations
		}
	}
}

# How deep a component may lie inside others.
holders(inner, depth) := {
	1: inner,
	2: {"name": "a", "components": [inner]},
	3: {"name": "a", "components": [openssl, {"name": "b", "components": [inner]}]},
	4: {"name": "a", "components": [{"name": "b", "components": [{"name": "c", "components": [inner]}]}]},
	5: {"name": "a", "components": [{"name": "b", "components": [{"name": "c", "components": [
		{"name": "d", "components": [inner]},
	]}]}]},
}[depth]

components(top) := {"https://cyclonedx.org/bom": [{"predicate": {"components": [top]}}]}

test_what_lies_inside_another_component_is_found if {
	every depth in [1, 2, 3, 4] {
		met(no_shell, components(holders(openssl, depth)))
		found := faults(no_shell, components(holders(called("bash"), depth)))
		{one.detail.package | some one in found} == {"bash"}
	}
}

test_a_bill_that_is_too_deep_or_odd_inside_fails if {
	every top in [
		holders(openssl, 5), holders({}, 2), {"name": "a", "components": "bash"}, {"name": "a", "components": {}},
		{"name": "a", "components": [["bash"]]}, {"name": "a", "components": false},
	] {
		found := faults(no_shell, components(top))
		found == {{"message": "expected a bill of materials with a list of named packages, found none in it"}}
	}
}

test_one_bad_bill_of_two_fails if {
	bash := {"https://cyclonedx.org/bom": [{"predicate": {"components": [called("bash")]}}]}
	count(faults(no_shell, object.union(holding([openssl]), bash))) == 1
	count(faults(no_shell, statements([listing([openssl]), listing([called("bash")])]))) == 1
}

# Old cosign did so.
test_spdx_may_stand_in_a_string if {
	met(no_shell, statements([json.marshal(listing([openssl]))]))
	count(faults(no_shell, statements([json.marshal(listing([called("bash")]))]))) == 1
	text := {"predicate": json.marshal({"components": [openssl]})}
	count(faults(no_shell, {"https://cyclonedx.org/bom": [text]})) == 1
}

test_a_bill_that_cannot_be_read_fails if {
	every predicate in [
		null, [], {}, "{", "[1]", {"packages": null}, {"packages": {"0": openssl}}, listing([null]), listing([{"name": 7}]),
		listing([openssl, {}]), {"components": [openssl]},
	] {
		found := faults(no_shell, statements([listing([openssl]), predicate]))
		found == {{"message": "expected a bill of materials with a list of named packages, found none in it"}}
	}
}

test_a_bill_without_packages_fails if {
	found := faults(no_shell, statements([listing([openssl]), listing([])]))
	found == {{"message": "expected packages in every bill of materials, found none in one of them"}}
}

test_a_library_of_a_language_may_bear_the_name if {
	every purl in ["pkg:pypi/dash@3.2.0", "pkg:NPM/dash", "pkg://gem/dash@1"] {
		met(no_shell, holding([object.union(called("dash"), {"purl": purl})]))
		met(no_shell, holding([referring(purl)]))
	}
}

test_no_other_package_is_a_library if {
	every purl in ["pkg:deb/debian/dash@0.5", "pkg:apk/alpine/dash", "pkg:generic/npm/dash", "x:pkg:npm/dash", ""] {
		count(faults(no_shell, holding([object.union(called("dash"), {"purl": purl})]))) == 1
	}
	count(faults(no_shell, holding([referring("pypi/dash@3.2.0")]))) == 1
	count(faults(no_shell, holding([object.union(called("dash"), {"purl": null})]))) == 1
}

test_every_package_url_has_to_be_of_a_language if {
	both := object.union(referring("pkg:deb/debian/dash@0.5"), {"purl": "pkg:pypi/dash@3.2.0"})
	count(faults(no_shell, holding([both]))) == 1
}

test_without_a_promise_there_is_nothing_to_ask if {
	every labels in [{}, {"com.docker.dhi.name": "dhi/python"}, null] {
		not scout.applicable with input as labelled(labels) with data.dhiverify.statements as holding([openssl])
	}
	scout.applicable with input as no_shell with data.dhiverify.statements as {}
	scout.applicable with input as no_manager with data.dhiverify.statements as {}
}

test_without_a_bill_of_materials_there_is_no_answer if {
	answers := [passed | passed := scout.pass] with input as neither with data.dhiverify.statements as {}
	answers == []
}

test_a_package_needs_no_bill_of_materials if {
	every artifact, asked in {"package": false, "image": true} {
		facts := {"image": {"artifact": artifact}, "statements": {}}
		scout.applicable == asked with input as neither with data.dhiverify as facts
	}
}

test_the_bill_of_materials_of_a_package_counts if {
	facts := {"image": {"artifact": "package"}, "statements": holding([openssl])}
	scout.applicable with input as neither with data.dhiverify as facts
}

# Docker Scout has no `data.dhiverify`, and one statement for each type.
test_docker_scout_is_asked_for_the_statement if {
	every name, answer in {"openssl": true, "bash": false} {
		scout.pass == answer with oci.referrer as listed("abab", name) with input as neither with data.dhiverify as false
	}
}

test_docker_scout_may_answer_about_another_image if {
	answers := [passed | passed := scout.pass] with oci.referrer as listed("cdcd", "openssl") with input as neither
		with data.dhiverify as false
	answers == []
}

# As SPDX has package URLs, among other references.
referring(locator) := object.union(called("dash"), {"externalRefs": [
	{"referenceLocator": "cpe:2.3:a:dash:dash:0.5"},
	{"referenceLocator": locator},
]})

# One document that each format can be read from.
listed(digest, name) := {"statement": {
	"subject": [{"digest": {"sha256": digest}}],
	"predicate": {member: [called(name)] | some member in members},
}}
