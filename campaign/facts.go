package campaign

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"strconv"

	"github.com/chaosrun/chaosrun/reports"
	"github.com/chaosrun/chaosrun/timeline"
)

// A cell is what a plan and a report both know of a run before it is made, apart from its seed.
type cell struct {
	Scenario string                      `json:"scenario"`
	SHA256   string                      `json:"scenario_sha256"`
	Target   string                      `json:"target"`
	Policy   string                      `json:"policy"`
	File     string                      `json:"target_sha256"`
	Settings map[string]string           `json:"settings"`
	Limits   map[string]timeline.Seconds `json:"limits_s"`
	Clock    string                      `json:"clock"`
}

// A digest identifies a run in a plan.
type digest [sha256.Size]byte

// digest returns the digest of the run of a cell with that seed.
func (c cell) digest(seed uint64) digest {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // it holds only strings, numbers and maps of them
	}
	return sha256.Sum256(strconv.AppendUint(data, seed, 10))
}

// cell returns the cell of a job.
func (j Job) cell() cell {
	target, policy := j.Variant.names()
	c := cell{
		Scenario: j.Scenario.Name, SHA256: j.Scenario.SHA256, Target: target, Policy: policy, File: j.Variant.SHA256,
		Clock: j.clock().String(),
	}
	if len(j.Variant.Settings) > 0 {
		c.Settings = j.Variant.Settings
	}
	for measure, limit := range j.limits() {
		if c.Limits == nil {
			c.Limits = map[string]timeline.Seconds{}
		}
		c.Limits[measure] = timeline.Seconds(limit)
	}
	return c
}

// cellOf returns the cell of a run.
func cellOf(r reports.Run) cell {
	c := cell{
		Scenario: r.Scenario, SHA256: r.SHA256, Target: r.Target, Policy: r.Policy, File: r.TargetSHA256,
		Clock: r.Clock,
	}
	if len(r.Settings) > 0 {
		c.Settings = r.Settings
	}
	if len(r.Limits) > 0 {
		c.Limits = r.Limits
	}
	return c
}

// A planHash adds up the digests of the runs of a plan, in order.
type planHash struct{ sum hash.Hash }

func newPlanHash() planHash { return planHash{sha256.New()} }

func (h planHash) add(d digest) { h.sum.Write(d[:]) }

func (h planHash) String() string { return hex.EncodeToString(h.sum.Sum(nil)) }

// Facts returns what reports say of the plan. It goes through all runs of all shards, which takes
// about a second for a million.
func (p *Plan) Facts() *reports.Plan {
	whole := *p
	whole.options.Shard, whole.options.Only = Shard{}, nil
	facts := &reports.Plan{Shard: p.options.Shard.String()}
	if c := p.options.Cadence; c != (Cadence{}) {
		facts.Cadence = c.String()
	}
	sum := newPlanHash()
	for j := range whole.Jobs() {
		sum.add(j.cell().digest(j.Seed))
		facts.Runs++
	}
	facts.SHA256 = sum.String()
	return facts
}
