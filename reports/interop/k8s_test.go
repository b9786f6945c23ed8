package interop_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/chaosrun/chaosrun/cli"
)

// manifest decodes a file of deploy/k8s strictly: a field that Kubernetes does not have fails, and
// so does one that is there twice.
func manifest(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "k8s", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// job returns a job of deploy/k8s.
func job(t *testing.T, name string) batchv1.Job {
	t.Helper()
	var j batchv1.Job
	manifest(t, name, &j)
	if j.APIVersion != batchv1.SchemeGroupVersion.String() || j.Kind != "Job" {
		t.Fatalf("%s is a %s of %s", name, j.Kind, j.APIVersion)
	}
	return j
}

// TestManifests checks what the types of Kubernetes cannot: that a pod has no rights it does not
// need, that its command line is one, and that the numbers that Kubernetes does not connect fit.
func TestManifests(t *testing.T) {
	var volume corev1.PersistentVolumeClaim
	manifest(t, "volume.yaml", &volume)
	shards := job(t, "shards.yaml")
	if *shards.Spec.CompletionMode != batchv1.IndexedCompletion {
		t.Errorf("its completion mode is %s", *shards.Spec.CompletionMode)
	}
	env := shards.Spec.Template.Spec.Containers[0].Env
	at := slices.IndexFunc(env, func(e corev1.EnvVar) bool { return e.Name == "JOB_COMPLETIONS" })
	if at < 0 || env[at].Value != strconv.Itoa(int(*shards.Spec.Completions)) {
		t.Errorf("JOB_COMPLETIONS is not completions, %d", *shards.Spec.Completions)
	}
	if *shards.Spec.MaxFailedIndexes != *shards.Spec.Completions {
		t.Error("a shard with a red verdict stops others")
	}
	final := []int32{cli.ExitFailed, cli.ExitUnknown, cli.ExitUsage, cli.ExitData}
	for _, rule := range shards.Spec.PodFailurePolicy.Rules {
		if rule.Action == batchv1.PodFailurePolicyActionFailIndex &&
			!slices.Equal(rule.OnExitCodes.Values, final) {
			t.Errorf("no second try for %v", rule.OnExitCodes.Values)
		}
	}
	for _, j := range []batchv1.Job{shards, job(t, "merge.yaml")} {
		pod := j.Spec.Template.Spec
		if !*pod.SecurityContext.RunAsNonRoot || *pod.AutomountServiceAccountToken ||
			pod.RestartPolicy != corev1.RestartPolicyNever || len(pod.Containers) != 1 {
			t.Errorf("%s: its pod may do too much", j.Name)
		}
		c := pod.Containers[0]
		s := c.SecurityContext
		if *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem ||
			!slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
			t.Errorf("%s: its container may do too much", j.Name)
		}
		if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
			t.Errorf("%s: it has no limits", j.Name)
		}
		if err := cli.Parse(cli.Options{}, c.Args); err != nil {
			t.Errorf("%s: %v", j.Name, err)
		}
		for _, v := range pod.Volumes {
			if claim := v.PersistentVolumeClaim; claim != nil && claim.ClaimName != volume.Name {
				t.Errorf("%s: no volume %s", j.Name, claim.ClaimName)
			}
		}
	}
}

// TestManifestsTeeth checks that the decoder is strict.
func TestManifestsTeeth(t *testing.T) {
	for _, text := range []string{
		"kind: Job\nspec: {completion: 4}\n", "kind: Job\nkind: Job\n", "spec: {completions: four}\n",
	} {
		if yaml.UnmarshalStrict([]byte(text), &batchv1.Job{}) == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
