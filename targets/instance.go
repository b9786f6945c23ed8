package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/chaosrun/chaosrun/harness"
	"github.com/chaosrun/chaosrun/internal/process"
)

// defaultMemory is the default bound on the memory of an engine, in bytes.
const defaultMemory = 8 << 30

// tailLines is how many lines of an engine's log a message quotes.
const tailLines = 8

// An instance holds what an engine has while it runs: a scratch folder with its files, an
// environment, a log, and a process if the engine is one.
type instance struct {
	target *Target
	label  string
	values values
	env    []string
	log    *process.Log
	// output writes into log, without the values of variables. stderr receives the standard error
	// of the process: output, and perhaps more.
	output *redactor
	stderr io.Writer
	warn   func(string)
	// proc is nil before it is started, and for a command without start.command.
	proc *process.Process
}

// prepare makes a scratch folder for an engine.
func (p *pool) prepare(lab harness.Lab) (_ *instance, err error) {
	in := &instance{target: p.target, label: p.label, values: p.values(lab), warn: p.warn(lab)}
	if err := p.target.usable(); err != nil {
		return nil, err
	}
	if in.values.dir, err = os.MkdirTemp("", "chaosrun-"+p.target.Name+"-"); err != nil {
		return nil, fmt.Errorf("the scratch folder: %w", err)
	}
	defer func() {
		if err != nil {
			in.close()
		}
	}()
	if in.log, err = process.CreateLog(p.logPath(in.values.dir, lab), 0); err != nil {
		return nil, err //nolint:wrapcheck // it says what it is
	}
	if err := in.trust(lab.CA()); err != nil {
		return nil, err
	}
	in.output = &redactor{to: in.log, target: p.target}
	in.stderr = in.output
	return in, nil
}

// logPath returns the path of an engine's log: in the folder for logs, or in the scratch folder,
// which is removed with the engine.
func (p *pool) logPath(scratch string, lab harness.Lab) string {
	if p.options.Log == "" || os.MkdirAll(p.options.Log, 0o750) != nil {
		return filepath.Join(scratch, "engine.log")
	}
	name := fmt.Sprintf("%s.%s.%d.log", p.label, lab.Scenario(), lab.Seed())
	return filepath.Join(p.options.Log, strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) {
			return '_'
		}
		return r
	}, name))
}

// fill writes the files of the target and builds the environment, for the port in values.
func (in *instance) fill() error {
	start := in.target.start()
	for name, file := range start.Files {
		if err := in.write(name, file); err != nil {
			return err
		}
	}
	extra := in.caVariables()
	for name, text := range start.Env {
		value, err := in.values.expandEnv(text)
		if err != nil {
			return fmt.Errorf("start.env.%s: %w", name, err)
		}
		extra[name] = value
	}
	if _, given := extra["PATH"]; !given {
		extra["PATH"] = in.path()
	}
	if venv := filepath.Join(in.values.home, "venv"); isFolder(venv) && extra["VIRTUAL_ENV"] == "" {
		extra["VIRTUAL_ENV"] = venv
	}
	if in.target.Kind == Worker {
		dir, err := workerFiles()
		if err != nil {
			return err
		}
		extra[workerFolder] = dir
		extra["PYTHONPATH"] = strings.Trim(dir+string(filepath.ListSeparator)+extra["PYTHONPATH"],
			string(filepath.ListSeparator))
	}
	var err error
	in.env, err = process.CleanEnv(filepath.Join(in.values.dir, "home"), extra)
	return err //nolint:wrapcheck // it says what it is
}

// path returns the PATH of the engine, with its installed programs first.
func (in *instance) path() string {
	return strings.Join(append(in.target.bins(), os.Getenv("PATH")), string(filepath.ListSeparator))
}

// write writes one file of the target.
func (in *instance) write(name string, file File) error {
	text, err := in.values.file(name, file)
	if err != nil {
		return err
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("start.files.%s would be written outside of {{dir}}: write a relative path", name)
	}
	path := filepath.Join(in.values.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("start.files.%s: %w", name, err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("start.files.%s: %w", name, err)
	}
	return nil
}

// file returns the content of one file of the target.
func (v values) file(name string, file File) (string, error) {
	text := file.Text
	if file.From != "" {
		data, err := os.ReadFile(filepath.Join(v.here, file.From))
		if err != nil {
			return "", fmt.Errorf("start.files.%s: %w", name, err)
		}
		text = string(data)
	}
	text, err := v.expand(text)
	if err != nil {
		return "", fmt.Errorf("start.files.%s: %w", name, err)
	}
	return text, nil
}

// start returns the key start of the file. Default: the zero Start.
func (t *Target) start() Start {
	if t.Start == nil {
		return Start{}
	}
	return *t.Start
}

// bins returns the folders of installed programs.
func (t *Target) bins() []string {
	venv := "bin"
	if os.PathSeparator == '\\' {
		venv = "Scripts"
	}
	home := t.Home()
	return []string{
		filepath.Join(home, "venv", venv), filepath.Join(home, "node_modules", ".bin"), filepath.Join(home, "bin"),
	}
}

// run starts a long-running command of the target. A nil stdin is a pipe. The scratch folder is
// removed with it, even if chaosrun is killed.
func (in *instance) run(ctx context.Context, command []string, stdout io.Writer,
	stdin io.Reader,
) (*process.Process, error) {
	o, err := in.options(command)
	if err != nil {
		return nil, err
	}
	if in.target.keeps() {
		ctx = context.WithoutCancel(ctx) // it outlives the run, and ends with this program
	}
	o.Stdout, o.Stderr, o.Stdin, o.Scratch = stdout, in.stderr, stdin, in.values.dir
	return in.begin(ctx, o)
}

// options returns how a command of the target is started.
func (in *instance) options(command []string) (process.Options, error) {
	var args []string
	for _, text := range command {
		arg, err := in.values.expand(text)
		if err != nil {
			return process.Options{}, err
		}
		args = append(args, arg)
	}
	return process.Options{
		Command: args, Dir: in.target.Dir, Env: in.env,
		Memory: in.target.memory(), Peers: in.target.OnLoopback() && !process.Isolated(),
	}, nil
}

func (in *instance) begin(ctx context.Context, o process.Options) (*process.Process, error) {
	proc, err := process.Start(ctx, o)
	if errors.Is(err, process.ErrNotFound) {
		return nil, fmt.Errorf("%w%s", err, in.target.hint(": "))
	}
	return proc, err //nolint:wrapcheck // it says what it is
}

// hint returns sep and how to install the engine, or "" if there is nothing left to install.
func (t *Target) hint(sep string) string {
	if err := t.installed(); err != nil {
		return sep + err.Error()
	}
	return ""
}

// OnLoopback reports whether the engine needs no network but loopback: this program starts it, and
// its providers have no advertised addresses.
func (t *Target) OnLoopback() bool {
	return (t.Start != nil || t.Kind == Command) &&
		!slices.ContainsFunc(t.Upstreams, func(u Upstream) bool { return u.Advertise != "" })
}

// memory returns the bound on the memory of the engine, in bytes.
func (t *Target) memory() int64 {
	text := t.start().Memory
	for unit, bytes := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.ParseInt(number, 10, 64); err == nil {
				return n * bytes
			}
		}
	}
	return defaultMemory
}

// ended describes how the process ended: "it ended with exit code 1".
func (in *instance) ended() string { return endedWith(in.proc.Err()) }

func endedWith(err error) string {
	switch {
	case err == nil:
		return "it ended with exit code 0"
	case errors.As(err, new(*process.ExitError)):
		return "it ended with " + err.Error()
	}
	return "it was " + err.Error()
}

// said returns the last lines of the log with an introduction, or "".
func (in *instance) said() string {
	_ = in.output.Close() // a Log does not fail
	tail := in.log.Tail(tailLines)
	if tail == "" {
		return ""
	}
	text := "; the last lines of its log:\n" + tail
	if process.Isolated() && unreachable(tail) {
		text += "\n(it can reach only loopback: chaosrun run --network host gives it this machine's network)"
	}
	return text
}

// unreachable reports whether a log says that something could not be reached.
func unreachable(log string) bool {
	log = strings.ToLower(log)
	return slices.ContainsFunc([]string{
		"unreachable", "connection refused", "econnrefused", "name resolution", "eai_again", "enotfound",
		"no such host",
	},
		func(sign string) bool { return strings.Contains(log, sign) })
}

// note warns of addresses outside of loopback that the engine was connected to.
func (in *instance) note(peers []string) {
	for _, peer := range peers {
		in.warn(fmt.Sprintf("%s tried to reach %s", in.label, peer))
	}
}

// close ends the process and removes the scratch folder.
func (in *instance) close() {
	if in.proc != nil {
		in.proc.Kill()
		in.note(in.proc.Peers())
	}
	if in.log != nil {
		_ = in.log.Close() // an incomplete log changes no verdict
	}
	// A process that could not be killed may still write there; the folder is temporary anyway.
	_ = os.RemoveAll(in.values.dir)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
