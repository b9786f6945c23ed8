package campaign

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"

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

// A digest identifies a cell.
type digest [sha256.Size]byte

// digest returns the digest of the cell.
func (c cell) digest() digest {
	data, err := json.Marshal(c)
	if err != nil {
		panic(err) // it holds only strings, numbers and maps of them
	}
	return sha256.Sum256(data)
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

// A planHash adds up the runs of a plan, in order. Runs of one cell whose seeds follow each other
// are one entry, so that a plan of a million seeds has its hash at once.
type planHash struct {
	sum   hash.Hash
	cell  digest
	first uint64
	runs  int
}

func newPlanHash() *planHash { return &planHash{sum: sha256.New()} }

// add adds some runs of a cell, with the seeds from first on.
func (h *planHash) add(of digest, first uint64, runs int) {
	if h.runs > 0 && h.cell == of && first == h.first+uint64(h.runs) {
		h.runs += runs
		return
	}
	h.end()
	h.cell, h.first, h.runs = of, first, runs
}

// end writes the last entry.
func (h *planHash) end() {
	if h.runs > 0 {
		h.sum.Write(h.cell[:])
		h.sum.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, h.first), uint64(h.runs)))
	}
	h.runs = 0
}

// String returns the hash. Nothing can be added after that.
func (h *planHash) String() string {
	h.end()
	return hex.EncodeToString(h.sum.Sum(nil))
}

// Facts returns what reports say of the plan.
func (p *Plan) Facts() *reports.Plan {
	facts := &reports.Plan{Shard: p.options.Shard.String()}
	if c := p.options.Cadence; c != (Cadence{}) {
		facts.Cadence = c.String()
	}
	sum := newPlanHash()
	for _, s := range p.scenarios {
		for n, v := range p.variants {
			if p.has(s.Name, n) {
				job := Job{Scenario: s, Variant: v, Seed: p.options.Seed, plan: p, variant: n}
				sum.add(job.cell().digest(), job.Seed, p.options.Repeat)
				facts.Runs += p.options.Repeat
			}
		}
	}
	facts.SHA256 = sum.String()
	return facts
}
