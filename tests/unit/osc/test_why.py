# SPDX-License-Identifier: Apache-2.0
"""One screen on a state."""

import datetime

from sparkaas.client import clusters
from sparkaas.client import jobs
from sparkaas.osc.v2 import why

NOW = datetime.datetime(2026, 11, 21, 12, 0, tzinfo=datetime.UTC)

CLUSTER = {
    "id": "1",
    "name": "demo",
    "status": "Starting",
    "created_at": "2026-11-21T11:00:00",
    "updated_at": "2026-11-21T11:59:59",
    "step": "ensure_started",
    "step_started_at": "2026-11-21T11:58:00",
    "waiting_for": "2 of 3 services are ready.",
    "next_run_at": "2026-11-21T12:00:02",
    "node_groups": [
        {"name": "worker", "count": 3, "instances": [{"id": "a"}, {"id": "b"}]}
    ],
}


def test_a_cluster_under_way():
    screen = why.of_cluster(clusters.Cluster.load(CLUSTER), NOW)
    assert screen["state"] == "Starting"
    assert screen["since"] == "2026-11-21 11:58:00 UTC (2 min)"
    assert screen["next"] == (
        "step ensure_started: 2 of 3 services are ready; next look in 2 s"
    )
    assert screen["nodes"] == "2 of 3 worker"


def test_a_cluster_in_error():
    reason = {"code": "PORT_TAKEN", "sentence": "A port is taken.", "hint": "Free it."}
    failed = {**CLUSTER, "status": "Error", "reason": reason, "next_run_at": None}
    screen = why.of_cluster(clusters.Cluster.load(failed), NOW)
    assert (screen["why"], screen["code"], screen["hint"]) == (
        "A port is taken.",
        "PORT_TAKEN",
        "Free it.",
    )
    assert screen["next"] == "nothing until you ask"


def test_a_job_that_stands_still():
    sentence = "It waits for cores: application a of job b holds 2 of 2."
    running = {
        "id": "1",
        "name": "etl",
        "info": {"status": "RUNNING"},
        "step": "watch",
        "waiting_for": sentence,
        "next_run_at": "2026-11-21T12:00:01",
        "reason": {"code": "WAITS_FOR_CORES", "sentence": sentence, "hint": "Wait."},
    }
    screen = why.of_job(jobs.Job.load(running), "demo (Active)", NOW)
    assert (screen["why"], screen["code"]) == (sentence, "WAITS_FOR_CORES")
    assert screen["hint"] == "Wait."
    assert screen["next"] == "step watch; next look in 1 s"


def test_a_cluster_of_a_sahara():
    old = {"id": "1", "name": "demo", "status": "Error", "status_description": "Quota."}
    screen = why.of_cluster(clusters.Cluster.load(old), NOW)
    assert screen["why"] == "Quota."
    assert screen["since"] == ""


def test_active_is_since_the_last_step_whatever_health_checks_do():
    active = {
        **CLUSTER,
        "status": "Active",
        "step": None,
        "step_started_at": "2026-11-21T11:59:59",
        "provision_progress": [
            {"step_name": "a", "updated_at": "2026-11-21T11:10:00"},
            {"step_name": "b", "updated_at": "2026-11-21T11:30:00"},
        ],
    }
    screen = why.of_cluster(clusters.Cluster.load(active), NOW)
    assert screen["since"] == "2026-11-21 11:30:00 UTC (30 min)"


def test_events_are_the_latest_oldest_first():
    def at(second):
        return f"2026-11-21T11:00:{second:02}"

    steps = [
        {
            "step_name": "Start services",
            "successful": False,
            "updated_at": at(3),
            "events": [
                {
                    "instance_name": f"demo-{n}",
                    "successful": n != 2,
                    "event_info": "no answer" if n == 2 else None,
                    "created_at": at(n),
                }
                for n in range(3)
            ]
            + [{"successful": True, "created_at": at(9)}],
        },
        {"step_name": "Check health", "successful": None, "created_at": at(4)},
    ]
    cluster = clusters.Cluster.load({"provision_progress": steps})
    assert [line.partition("  ")[2] for line in why.events(cluster)] == [
        "Start services, demo-0: done",
        "Start services, demo-1: done",
        "Start services, demo-2: no answer",
        "Start services: failed",
        "Check health: under way",
    ]


def test_a_job():
    job = jobs.Job.load(
        {
            "id": "j",
            "name": "etl",
            "info": {"status": "DONEWITHERROR"},
            "return_code": "3",
            "start_time": "2026-11-21T11:00:00",
            "end_time": "2026-11-21T11:59:00",
            "progress": {"stages_done": 1, "stages_total": 2, "tasks_total": 8},
        }
    )
    screen = why.of_job(job, "demo (Active)", NOW)
    assert screen["since"] == "2026-11-21 11:59:00 UTC (1 min)"
    assert screen["exit code"] == "3"
    assert screen["next"] == "nothing: it is over"
    assert screen["progress"] == "stages 1/2, tasks 0/8"
