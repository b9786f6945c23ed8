package scenarios_test

import (
	"fmt"
	"time"

	"github.com/chaosrun/chaosrun/assertions"
	"github.com/chaosrun/chaosrun/fakeprovider"
	"github.com/chaosrun/chaosrun/scenarios"
)

// A scenario file with two mistakes. Each error has its position and a suggestion.
func ExampleLoad() {
	_, err := scenarios.Load("mine.yaml", []byte(`
scenario: mine
providers:
  - name: primary
    on_request: [heartbeat-only: {every: 10}]
  - name: secondary
    on_request: [helthy]
limits: {time_to_fallback: 30s}
expect: [time_to_fallback, answer: {from: secondary}]
`))
	fmt.Println(err)
	// Output:
	// mine.yaml:5:42: "10" is not a duration: write "10s"
	//         on_request: [heartbeat-only: {every: 10}]
	//                                              ^
	// mine.yaml:7:18: unknown fault "helthy" (did you mean "healthy"?)
	//         on_request: [helthy]
	//                      ^
}

// The same scenario, written in Go.
func ExampleScenario() {
	s := scenarios.Scenario{
		Name:     "slow-start",
		Deadline: 10 * time.Minute,
		Providers: []scenarios.Provider{
			{Name: "primary", OnRequest: []fakeprovider.Fault{
				fakeprovider.Script{ // its first request
					fakeprovider.Wait{For: 90 * time.Second},
					fakeprovider.Text{Value: "better late than never"},
					fakeprovider.Finish{},
				},
				fakeprovider.Healthy{}, // every other
			}},
			{Name: "secondary", OnRequest: []fakeprovider.Fault{fakeprovider.Healthy{}}},
		},
		Calls:  []scenarios.Call{scenarios.DefaultCall()},
		Limits: assertions.Limits{"time_to_answer": time.Minute},
		Expect: scenarios.Expecting(assertions.TimeToAnswer{Max: time.Minute}, assertions.NoLeaks{}),
	}
	fmt.Println(s.Validate())
	// Output: <nil>
}

func ExampleFind() {
	s, err := scenarios.Find("heartbeat-only")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Title)
	fmt.Println(s.WithLimits(assertions.Limits{"time_to_fallback": 30 * time.Second}).Limits)
	// Output:
	// Heartbeats keep the primary's stream open and no token ever arrives
	// map[time_to_fallback:30s]
}
