# METADATA
# title: The image is the product that was asked for
# description: >-
#   The name under which the image was requested says which product it should be. What was signed for this image names
#   that product and no other, so that no hardened image passes for another one.
# custom:
#   name: dhi-requested-product
#   requires: dhiverify
#   waivable: false
#   result_type: boolean
#   remediation: Compare the reference with the signed product; the repository may hold another image under this name.
#   details_order: [expected, found]
#   evidence: []
package docker.scout

import rego.v1

default pass := false

default applicable := true

# A layout on disk, or a name that stands for no product, asks for nothing in particular.
applicable := false if count(image.products) == 0

pass if {
	count(image.signed.products) > 0
	count(violation) == 0
}

note := sprintf("signed as %s", [concat(", ", {product | some product in image.signed.products})])

violation contains {
	"message": sprintf("expected %s, found evidence that is signed for %s", [concat(" or ", expected), product]),
	"detail": {"expected": [name | some name in expected], "found": product},
} if {
	some product in image.signed.products
	not product in image.products
}

violation contains {
	"message": sprintf("expected %s, found no signed product", [concat(" or ", expected)]),
	"detail": {"expected": [name | some name in expected], "found": ""},
} if count(image.signed.products) == 0

# Each name once: two ways to read a reference may come to the same product.
expected := {product | some product in image.products}

image := dhi.facts("image")[0]
