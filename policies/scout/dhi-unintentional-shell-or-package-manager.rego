# METADATA
# title: No bash, busybox, apk or apt where the labels say that there is none
# description: >-
#   Where the image's label of shells is empty, its SPDX document lists neither bash nor busybox; where the label of
#   package managers is, neither apk-tools nor apt. Only packages whose first external reference has a locator count.
# custom:
#   name: dhi-unintentional-shell-or-package-manager
#   result_type: generic
#   weight: 10
#   not_compliant_title: Holds a shell or package manager that it does not declare
#   remediation: Use a variant without the package, or one whose labels name it.
#   details_order: [message, package]
#   evidence: ["https://spdx.dev/Document"]
package docker.scout

import rego.v1

default pass := false

pass if count(violation) == 0

unwanted := {
	"com.docker.dhi.shell": {"bash", "busybox"},
	"com.docker.dhi.package-manager": {"apk-tools", "apt"},
}

violation contains {"message": message, "detail": {"message": message, "package": locator}} if {
	some label, names in unwanted
	input.source.image.config.config.Labels[label] == ""
	item := oci.referrer("https://spdx.dev/Document").statement.predicate.packages[_]
	item.name in names
	locator := item.externalRefs[0].referenceLocator
	message := sprintf("the label %s is empty, and the image holds %s", [label, item.name])
}
