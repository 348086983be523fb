# What is exposed stands in `input`; the fixture beside this file has an image that exposes 8080/tcp.
package docker.scout_test

import data.docker.scout
import rego.v1

test_a_port_above_1023_passes if {
	scout.applicable
	scout.pass
}

test_a_low_port_fails if {
	not scout.pass with input as exposing({"80/tcp": {}}, "65532")
}

test_each_low_port_is_named if {
	ports := {one.detail.port | some one in scout.violation} with input as exposing({"80/tcp": {}, "443": {}}, "1000")
	ports == {"80/tcp", "443"}
}

test_a_port_that_cannot_be_read_fails if {
	not scout.pass with input as exposing({"http": {}}, "65532")
}

test_leading_zeros_change_nothing if {
	not scout.pass with input as exposing({"00080/tcp": {}}, "65532")
}

test_root_may_open_any_port if {
	not scout.applicable with input as exposing({"80/tcp": {}}, "0:0")
}

test_without_ports_there_is_nothing_to_ask if {
	not scout.applicable with input as exposing({}, "65532")
}

exposing(ports, user) := {"source": {"image": {"config": {"config": {"ExposedPorts": ports, "User": user}}}}}
