"""The durable job queue: lease, fencing token, attempts counted at claim, dead letter, resumable stages."""

from wenyuan.jobs.queue import Job, JobQueue, JobState, Lease
from wenyuan.jobs.worker import JobContext, JobHandler, Worker, look_out

__all__ = ["Job", "JobContext", "JobHandler", "JobQueue", "JobState", "Lease", "Worker", "look_out"]
