package reports

import "github.com/chaosrun/chaosrun/timeline"

// maxStoryLines is the maximum number of lines of a story.
const maxStoryLines = 61

// Story renders a timeline for people, as [timeline.Story] does, in at most 61 lines.
func Story(events []timeline.Event) string { return timeline.Story(events, maxStoryLines) }
