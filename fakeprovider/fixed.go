package fakeprovider

import (
	"math/rand/v2"
	"time"
)

// What responses are made from where Options.FixedIDs holds them fixed: an instant that no test runs at, and the second half
// of a generator's state. The golden files are made from the same, with a seed of 1.
const (
	fixedUnix   = 1782907200 // 2026-07-01T12:00:00Z
	fixedStream = 2
)

// meta is what the response to a request is made from, besides its frames. Ids and padding are drawn anew from the same
// source for each meta of an attempt.
func (p *Provider) meta(req Request, attempt int) Meta {
	m := Meta{Request: req, Provider: p.o.Name, Attempt: attempt, Now: time.Now(), Rand: p.chance("wire", attempt)}
	if p.o.FixedIDs {
		m.Attempt, m.Now, m.Rand = 1, time.Unix(fixedUnix, 0).UTC(), rand.New(rand.NewPCG(p.o.Seed, fixedStream))
	}
	return m
}
