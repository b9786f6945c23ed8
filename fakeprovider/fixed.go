package fakeprovider

import (
	"math/rand/v2"
	"time"
)

// What responses are made of if Options.FixedIDs is set: an instant that no test runs at, and the
// second half of a generator's state. The golden files are made of the same, with a seed of 1.
const (
	fixedUnix   = 1782907200 // 2026-07-01T12:00:00Z
	fixedStream = 2
)

// meta returns what the response to a request is made of, besides its frames. Each call for one
// attempt draws the same ids and padding.
func (p *Provider) meta(req Request, attempt int) Meta {
	m := Meta{Request: req, Provider: p.o.Name, Attempt: attempt, Now: time.Now(), Rand: p.chance("wire", attempt)}
	if p.o.FixedIDs {
		m.Attempt, m.Now, m.Rand = 1, time.Unix(fixedUnix, 0).UTC(), rand.New(rand.NewPCG(p.o.Seed, fixedStream))
	}
	return m
}
