# `dhi.facts` answers which products the requested name may stand for, and which are signed.
package docker.scout_test

import data.docker.scout
import rego.v1

image(acceptable, signed) := {"products": acceptable, "signed": {"products": signed}}

test_the_requested_product_passes if {
	scout.applicable with dhi.facts as [image(["dhi/python"], ["dhi/python"])]
	scout.pass with dhi.facts as [image(["dhi/python"], ["dhi/python"])]
}

test_one_of_two_readings_is_enough if {
	scout.pass with dhi.facts as [image(["dhi/python", "acme/dhi-python"], ["acme/dhi-python"])]
}

test_the_signed_product_is_noted if {
	said := scout.note with dhi.facts as [image(["dhi/python"], ["dhi/python"])]
	said == "signed as dhi/python"
}

test_another_product_is_refused if {
	asked := image(["dhi/python", "acme/dhi-python"], ["dhi/node"])
	scout.pass == false with dhi.facts as [asked]
	found := scout.violation with dhi.facts as [asked]
	found == {{
		"message": "expected acme/dhi-python or dhi/python, found evidence that is signed for dhi/node",
		"detail": {"expected": ["acme/dhi-python", "dhi/python"], "found": "dhi/node"},
	}}
}

test_a_second_product_is_refused if {
	scout.pass == false with dhi.facts as [image(["dhi/python"], ["dhi/python", "dhi/node"])]
}

test_no_signed_product_is_refused if {
	scout.pass == false with dhi.facts as [image(["dhi/python"], [])]
	found := scout.violation with dhi.facts as [image(["dhi/python", "dhi/python"], [])]
	found == {{
		"message": "expected dhi/python, found no signed product",
		"detail": {"expected": ["dhi/python"], "found": ""},
	}}
}

test_a_name_that_stands_for_no_product_is_not_asked if {
	not scout.applicable with dhi.facts as [image([], ["dhi/python"])]
}
