package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

// ask is a command for `chaosrun exec`: its arguments are providers to ask in turn, each with a
// time limit, until one answers: ask primary=200ms secondary. A limit of idle:1s is one between two
// pieces of data. Other words are
//
//	twice    ask everything a second time
//	exit=N   end with that code
//	env=X    print a variable
//	forever  wait for ever, before anything else
//	linger   start a process that waits for ever
//	deaf     ignore interrupts
func ask() {
	var providers []string
	code, rounds := 0, 1
	for _, word := range os.Args[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "twice":
			rounds = 2
		case "exit":
			code, _ = strconv.Atoi(value)
		case "env":
			fmt.Println(value + "=" + os.Getenv(value))
		case "forever":
			fmt.Println("waiting")
			select {}
		case "deaf":
			signal.Ignore(os.Interrupt)
		case "linger":
			child := exec.Command("ask", "forever")
			if err := child.Start(); err != nil {
				panic(err)
			}
			fmt.Println("started", child.Process.Pid)
		default:
			providers = append(providers, word)
		}
	}
	for range rounds {
		for _, word := range providers {
			name, limit, _ := strings.Cut(word, "=")
			err := askOne(strings.ToUpper(name), limit)
			if err == nil {
				break
			}
			fmt.Println(name+":", err)
		}
	}
	os.Exit(code) //nolint:revive // it is a program of its own
}

// askOne asks a provider that speaks openai-chat, and reads its answer to the end.
func askOne(name, limit string) error {
	ctx := context.Background()
	limit, idle := strings.CutPrefix(limit, "idle:")
	progress := func() {}
	if d, err := time.ParseDuration(limit); err == nil {
		timed, cancel := context.WithCancel(ctx)
		defer cancel()
		timer := time.AfterFunc(d, cancel)
		defer timer.Stop()
		if idle {
			progress = func() { timer.Reset(d) }
		}
		ctx = timed
	}
	body := fmt.Sprintf(`{"model":%q,"stream":true,"messages":[{"role":"user","content":"hi"}]}`,
		os.Getenv(name+"_MODEL"))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv(name+"_BASE_URL")+"/chat/completions",
		strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+os.Getenv(name+"_API_KEY"))
	r.Header.Set("Content-Type", "application/json")
	fmt.Println("asking", name)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	for piece := make([]byte, 1024); err == nil; {
		_, err = resp.Body.Read(piece)
		progress()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
