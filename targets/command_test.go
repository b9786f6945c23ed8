package targets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// playCommand is an agent with a command line.
func playCommand(role string) error {
	c := chat{upstreams: strings.Split(os.Getenv("UPSTREAMS"), ",")}
	c.patience, _ = time.ParseDuration(os.Getenv("PATIENCE"))
	switch role {
	case "unlucky": // a gateway that finds its port taken, once
		if _, err := os.Stat(os.Getenv("FLAG")); err != nil {
			if err := os.WriteFile(os.Getenv("FLAG"), nil, 0o600); err != nil {
				return err
			}
			return fmt.Errorf("listen: %w", syscall.EADDRINUSE)
		}
		return serveGateway(os.Getenv("PORT"), c)
	case "agent", "half-agent", "shy-agent":
		fmt.Println("\x1b[1mMy agent 1.0\x1b[0m, asked: " + os.Args[len(os.Args)-1])
		body, err := json.Marshal(map[string]any{
			"model": "m", "stream": true, "messages": []map[string]string{{"role": "user", "content": "say hello"}},
		})
		if err != nil {
			return err
		}
		pieces := 0
		err = chat{c.upstreams, c.patience}.relay(context.Background(), body, func(data string) {
			var chunk struct {
				Choices []struct {
					Delta struct {
						Content string `json:"content"`
					} `json:"delta"`
				} `json:"choices"`
			}
			if json.Unmarshal([]byte(data), &chunk) != nil || len(chunk.Choices) == 0 {
				return
			}
			if pieces++; role == "agent" || role == "half-agent" && pieces < 4 {
				fmt.Print(chunk.Choices[0].Delta.Content)
			}
		})
		if err != nil {
			return err
		}
		fmt.Println("\n\x1b[32mTokens: 12\x1b[0m, bye")
		return nil
	}
	return errors.New("no such role: " + role)
}
