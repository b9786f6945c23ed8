package campaign

import (
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/harness"
)

// A Variant is an engine under test: a target, with one of its policies if it has several.
type Variant struct {
	// Name follows the scenario in labels: "heartbeat-only / NAME". Baselines list
	// labels.
	Name string
	// Target is the name of the target. Default: Name.
	Target string
	// Factory builds the engine, once per run. It must be safe for concurrent use.
	Factory harness.Factory
	// Release ends what the Factory keeps between runs, such as a process that serves all of them.
	// It is called after the runs of a plan. The Factory still works afterwards. Default: none.
	Release func()
	// Options are options of the harness that the engine needs, such as [harness.WithOutside].
	// Default: none.
	Options []harness.Option
	// Outside says that the engine is another process. On the wall clock it mostly sleeps, so many
	// instances can run side by side. Instances is how many may run at once. Default:
	// [Options.Parallel].
	Outside   bool
	Instances int
	// Scales says that an Outside engine multiplies its own durations by Lab.Scale, so that it can
	// run on an accelerated clock.
	Scales bool
	// Inside builds the same engine in this process, if that is possible. Its timers are then found
	// in virtual time. Default: Factory, unless the engine is Outside.
	Inside harness.Factory
	// Running says that the engine is already running. This process does not start it, so it cannot
	// be in virtual time.
	Running bool
	// CallLimit is the time at which the target cuts each call. Default: the limit of a cell for an
	// engine that is Outside, else the scenario's deadline; see [CallLimit].
	CallLimit time.Duration
	// Limits replace those of the scenario, by measure. [Options.Limits] replace these.
	Limits assertions.Limits
	// Settings are printed beside the results, such as the engine's timeouts and retries.
	Settings map[string]string
	// Version returns the version of the engine, for reports. It is called once for each plan, and
	// may take a while. Default: "".
	Version func() string
	// Advice says what to do about a scenario that fails, by scenario. Default: none.
	Advice map[string]string
	// SHA256 is the hash of the file that the target was read from. A resumed plan ignores runs
	// with another hash. Default: "".
	SHA256 string
	// Declared lists the names of the scenarios that the variant is expected to fail.
	Declared []string
	// Reference marks the variant to compare the others with. It must pass every scenario.
	Reference bool
	// Arguments select the variant on the command line: --policy NAME.
	Arguments []string
	// Title, Why and Issue document the variant: one line, the reasons, and a link.
	Title, Why, Issue string
}

// names returns the target and the policy for the timeline. policy is "" if there is no choice.
func (v Variant) names() (target, policy string) {
	if v.Target == "" || v.Target == v.Name {
		return v.Name, ""
	}
	return v.Target, v.Name
}
