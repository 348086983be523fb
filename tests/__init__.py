"""Tests of dhiverify. A package, so that tests share the virtual publisher as `tests.publisher`."""
