"""Shows that a skip is listed with its reason, and when it is a failure."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "tools"))
import skipped_tests  # noqa: E402

XML = """<testsuite>
  <testcase name="A.Ran" status="run"><system-out>fine, needs root: no</system-out></testcase>
  <testcase name="A.Guest" status="notrun"><skipped message="x"/><system-out>needs guest: not inside</system-out></testcase>
  <testcase name="A.Memory" status="notrun"><skipped message="x"/>
    <system-out>requires.hpp: Skipped\nneeds cgroup1(memory): no hierarchy</system-out></testcase>
  <testcase name="A.Mute" status="notrun"><skipped message="x"/><system-out></system-out></testcase>
</testsuite>"""


class SkippedTestsTest(unittest.TestCase):
    def test_every_skip_is_listed_with_its_need(self):
        self.assertEqual(list(skipped_tests.skipped(XML)),
                         [("A.Guest", "guest", "not inside"), ("A.Memory", "cgroup1(memory)", "no hierarchy"),
                          ("A.Mute", None, "gave no reason")])

    def test_only_needs_of_the_reference_machine_and_mute_skips_are_wrong(self):
        needs = skipped_tests.reference_needs("# comment\nroot\ncgroup1(memory)\n")
        self.assertEqual([row[0] for row in skipped_tests.judge(skipped_tests.skipped(XML), needs)], ["A.Memory", "A.Mute"])


if __name__ == "__main__":
    unittest.main()
