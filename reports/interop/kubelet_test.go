package interop_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/chaosrun/chaosrun/campaign"
	"github.com/chaosrun/chaosrun/cli"
	"github.com/chaosrun/chaosrun/failover/target"
)

// containerVariable makes the test program the one in the containers.
const containerVariable = "CHAOSRUN_TEST_CONTAINER"

func TestMain(m *testing.M) {
	if os.Getenv(containerVariable) != "" {
		os.Exit(cli.Main(cli.Options{Targets: campaign.Targets{target.Target()}}))
	}
	m.Run()
}

const (
	// whole is the index of a job that is not indexed, and nobody that of no process.
	whole  = -1
	nobody = -2
)

// A kubelet plays the jobs of a cluster with processes. A folder is the volume, and what a
// container mounts is named by its path in the folder: a process has no file system of its own.
type kubelet struct {
	t       *testing.T
	volume  string
	scratch string
	// more are arguments that are added to each container's, and kill is the index whose first
	// process is killed as soon as it has finished a run.
	more []string
	kill int

	mu sync.Mutex
	// pods counts the processes of each index, and codes are their last exit codes.
	pods, codes map[int]int
}

func newKubelet(t *testing.T, more ...string) *kubelet {
	t.Helper()
	return &kubelet{
		t: t, volume: t.TempDir(), scratch: t.TempDir(), more: more, kill: nobody,
		pods: map[int]int{}, codes: map[int]int{},
	}
}

// run plays a job to its end: all indexes side by side, each until it is done or may not be tried
// again.
func (k *kubelet) run(j batchv1.Job) {
	k.t.Helper()
	if j.Spec.CompletionMode == nil {
		k.index(j, whole, 0)
		return
	}
	var all sync.WaitGroup
	for i := range int(*j.Spec.Completions) {
		all.Go(func() { k.index(j, i, int(*j.Spec.BackoffLimitPerIndex)) })
	}
	all.Wait()
}

// index starts the pods of an index, one after the other.
func (k *kubelet) index(j batchv1.Job, i, again int) {
	for try := 0; try <= again; try++ {
		code := k.pod(j.Spec.Template.Spec, i, try == 0 && i == k.kill)
		k.mu.Lock()
		k.pods[i]++
		k.codes[i] = code
		k.mu.Unlock()
		if code == 0 || fails(j.Spec.PodFailurePolicy, code) {
			return
		}
	}
}

// fails reports whether an index has failed for good with an exit code.
func fails(policy *batchv1.PodFailurePolicy, code int) bool {
	return policy != nil && slices.ContainsFunc(policy.Rules, func(r batchv1.PodFailurePolicyRule) bool {
		return r.Action == batchv1.PodFailurePolicyActionFailIndex && slices.Contains(r.OnExitCodes.Values, int32(code))
	})
}

// references finds $(VARIABLE) in arguments.
var references = regexp.MustCompile(`\$\((\w+)\)`)

// pod runs the container of a pod and returns its exit code, -1 if it was killed.
func (k *kubelet) pod(pod corev1.PodSpec, i int, killed bool) int {
	c := pod.Containers[0]
	env := map[string]string{}
	if i >= 0 {
		env["JOB_COMPLETION_INDEX"] = strconv.Itoa(i)
	}
	for _, e := range c.Env {
		env[e.Name] = e.Value
	}
	expand := func(text string) string {
		return references.ReplaceAllStringFunc(text, func(found string) string {
			value, ok := env[found[2:len(found)-1]]
			if !ok {
				k.t.Errorf("%s is not set", found)
			}
			return value
		})
	}
	folder := "" // of the volume
	paths := map[string]string{}
	for _, m := range c.VolumeMounts {
		paths[m.MountPath] = k.scratch
		if at := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name }); at < 0 {
			k.t.Errorf("there is no volume %s", m.Name)
		} else if pod.Volumes[at].PersistentVolumeClaim != nil {
			folder = filepath.Join(k.volume, expand(m.SubPathExpr))
			paths[m.MountPath] = folder
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		k.t.Error(err)
	}
	var pairs []string
	for path, is := range paths {
		pairs = append(pairs, path, is)
	}
	inside := strings.NewReplacer(pairs...).Replace
	cmd := exec.Command(os.Args[0])
	for _, arg := range append(slices.Clone(c.Args), k.more...) {
		if strings.HasPrefix(arg, "--policy=") && c.Args[0] != "run" {
			continue
		}
		cmd.Args = append(cmd.Args, inside(expand(arg)))
	}
	cmd.Env = []string{containerVariable + "=1"}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+inside(value))
	}
	return k.process(cmd, folder, killed)
}

// process runs the process of a container.
func (k *kubelet) process(cmd *exec.Cmd, folder string, killed bool) int {
	var said bytes.Buffer
	cmd.Dir, cmd.Stderr = k.scratch, &said
	if err := cmd.Start(); err != nil {
		k.t.Error(err)
		return -1
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for killed {
		select {
		case err := <-ended:
			k.t.Errorf("it has ended before it could be killed: %v", err)
			return -1
		case <-time.After(time.Millisecond):
			done, err := os.ReadFile(filepath.Join(folder, "runs.jsonl"))
			if err == nil && bytes.ContainsRune(done, '\n') {
				if err := cmd.Process.Kill(); err != nil {
					k.t.Error(err)
				}
				killed = false
			}
		}
	}
	err := <-ended
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		k.t.Error(err)
	}
	if code := cmd.ProcessState.ExitCode(); code > cli.ExitUnknown {
		k.t.Errorf("exit code %d: %s", code, said.String())
	}
	return cmd.ProcessState.ExitCode()
}

// wall finds the real time of the runs, which no two runs share.
var wall = regexp.MustCompile(`"wall_s": [0-9.]+`)

// reportOf returns a JSON report without the real time.
func reportOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return wall.ReplaceAllString(string(text), `"wall_s": 0`)
}

// replace changes an argument of a job's container.
func replace(t *testing.T, j batchv1.Job, arg, by string) {
	t.Helper()
	args := j.Spec.Template.Spec.Containers[0].Args
	at := slices.Index(args, arg)
	if at < 0 {
		t.Fatalf("%s has no %s", j.Name, arg)
	}
	args[at] = by
}

// different returns the first line in which two texts differ, "" if they do not.
func different(got, want string) string {
	if got == want {
		return ""
	}
	wanted := strings.Split(want, "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(wanted) || line != wanted[i] {
			return fmt.Sprintf("line %d is %s", i+1, line)
		}
	}
	return "it is shorter"
}

// unsharded makes the runs of a job in one process, and returns the report.
func (k *kubelet) unsharded(j batchv1.Job) string {
	k.t.Helper()
	file := filepath.Join(k.t.TempDir(), "whole.json")
	args := slices.DeleteFunc(slices.Clone(j.Spec.Template.Spec.Containers[0].Args), func(arg string) bool {
		return slices.ContainsFunc([]string{"--shard=", "--resume=", "--report="}, func(flag string) bool {
			return strings.HasPrefix(arg, flag)
		})
	})
	args = append(args, k.more...)
	if code, said := chaosrun(k.t, append(args, "--report", "json="+file)...); code > cli.ExitFailed {
		k.t.Fatalf("exit code %d: %s", code, said)
	}
	return reportOf(k.t, file)
}

// TestIndexedJob runs the shards of deploy/k8s and the merge, kills a shard in its middle, and
// compares the joined report with that of one process.
func TestIndexedJob(t *testing.T) {
	shards, merge := job(t, "shards.yaml"), job(t, "merge.yaml")
	replace(t, shards, "--repeat=100", "--repeat=20") // it takes a fifth of the time
	k := newKubelet(t)
	k.kill = 1
	k.run(shards)
	if fmt.Sprint(k.pods, k.codes) != "map[0:1 1:2 2:1 3:1] map[0:0 1:0 2:0 3:0]" {
		t.Errorf("got pods and exit codes %v %v", k.pods, k.codes)
	}
	k.run(merge)
	if k.codes[whole] != 0 {
		t.Errorf("the merge has ended with %d", k.codes[whole])
	}
	if diff := different(reportOf(t, filepath.Join(k.volume, "all.json")), k.unsharded(shards)); diff != "" {
		t.Errorf("the joined report is not that of one process: %s", diff)
	}
	if junit, err := os.ReadFile(filepath.Join(k.volume, "junit.xml")); err != nil || len(junit) == 0 {
		t.Errorf("no JUnit report: %v", err)
	}
}

// TestIndexedJobFails checks that a red verdict is not tried again, that the merge tells it, and
// that the merge refuses a shard that is missing.
func TestIndexedJobFails(t *testing.T) {
	shards, merge := job(t, "shards.yaml"), job(t, "merge.yaml")
	k := newKubelet(t, "--policy=hermes-0.13")
	replace(t, shards, "--tags=core", "heartbeat-*")
	replace(t, shards, "--repeat=100", "--repeat=2")
	k.run(shards)
	k.run(merge)
	if fmt.Sprint(k.pods, k.codes) != "map[-1:1 0:1 1:1 2:1 3:1] map[-1:1 0:1 1:1 2:1 3:1]" {
		t.Errorf("got pods and exit codes %v %v", k.pods, k.codes)
	}
	if diff := different(reportOf(t, filepath.Join(k.volume, "all.json")), k.unsharded(shards)); diff != "" {
		t.Errorf("the joined report is not that of one process: %s", diff)
	}
	if err := os.RemoveAll(filepath.Join(k.volume, "shard-2")); err != nil {
		t.Fatal(err)
	}
	if k.run(merge); k.codes[whole] != cli.ExitUnknown {
		t.Errorf("without a shard it has ended with %d, want %d", k.codes[whole], cli.ExitUnknown)
	}
}
