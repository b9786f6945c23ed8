"""Runs tests in virtual time, one after the other, as virtual_time.py names them.

It is started as a script, so that the package is not imported before pytest can rewrite its asserts.
It looks like a worker of pytest-xdist to plugins, so that none of them writes a report or a cache.
"""

import os
import pickle
import sys
import warnings


class Runner:
    """The plugin that runs what it is told to, and tells what became of it."""

    def __init__(self, orders, answers):
        self.orders, self.answers = orders, answers
        self.config = None

    def tell(self, name, data=None):
        """Sends one message."""
        self.answers.write(pickle.dumps((name, data)))
        self.answers.flush()

    def pytest_runtestloop(self, session):
        """Runs the tests of the orders, until these end."""
        self.config = session.config
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            raise session.Interrupted("tests could not be collected")
        items = {item.nodeid: item for item in session.items}
        self.tell("ready")
        while True:
            try:
                test, following = pickle.load(self.orders)
            except EOFError:
                return True
            if test in items:
                session.config.hook.pytest_runtest_protocol(item=items[test], nextitem=items.get(following))
                self.tell("done")
            else:
                self.tell("missing")

    def pytest_runtest_logreport(self, report):
        """Tells a report."""
        self.tell("report", self.config.hook.pytest_report_to_serializable(config=self.config, report=report))

    def pytest_warning_recorded(self, warning_message, when, nodeid, location):
        """Tells a warning. Those of the collection were seen in the other process, too."""
        if when != "runtest":
            return
        try:
            pickle.loads(pickle.dumps(warning_message.message))
        except Exception:
            warning_message = warnings.WarningMessage(
                UserWarning(str(warning_message.message)), UserWarning, warning_message.filename, warning_message.lineno
            )
        else:
            warning_message = warnings.WarningMessage(
                warning_message.message, warning_message.category, warning_message.filename, warning_message.lineno
            )
        self.tell("warning", {"warning_message": warning_message, "when": when, "nodeid": nodeid, "location": location})


def _streams():
    """Returns copies of standard input and output. What prints or reads must not break the messages."""
    orders, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return orders, answers


def _measured():
    """Starts coverage.py if the other process measures."""
    if "COVERAGE_PROCESS_CONFIG" in os.environ:
        import coverage

        coverage.process_startup()


def main():
    """Configures pytest as the other process did, and runs tests until there are no more orders."""
    orders, answers = _streams()
    told = pickle.load(orders)
    sys.path[:] = told["path"]
    _measured()
    from _pytest.config import Config

    option = told["option"]
    option["plugins"] = [*(option.get("plugins") or []), "no:terminal"]  # the other process has it
    # No workers of its own, and no report of pytest-cov: coverage.py measures without it.
    single = {"looponfail": False, "dist": "no", "distload": False, "numprocesses": None, "maxprocesses": None, "tx": [], "cov_source": []}
    option.update({name: value for name, value in single.items() if name in option})
    option.update({"usepdb": False, "maxfail": 0})
    config = Config.fromdictargs(option, told["args"])
    config.workerinput, config.workeroutput = told["workerinput"], {}
    config.pluginmanager.register(Runner(orders, answers), "chaosrun-runner")
    return config.hook.pytest_cmdline_main(config=config)


if __name__ == "__main__":
    sys.exit(main())
