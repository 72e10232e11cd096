"""The errors that this package raises on purpose.

    AutoencoderError
    ├── ConfigError              a RunConfig that cannot be trained
    ├── DatasetError             a data set that cannot be loaded
    ├── RunError
    │   ├── UnknownRunError      no run of that name
    │   ├── CorruptRunError      the run's folder does not hold what it should
    │   ├── RunBusyError         another process is training the run
    │   └── ArchiveError         a file that is no archive of runs
    ├── JobError                 a job that cannot be started or does not make sense
    ├── EngineError              an engine that cannot be asked, or gives no sensible answer
    │   └── EngineRefusedError   one that was asked for what it will never do
    ├── ProjectionError          latents that cannot be projected with these parameters
    ├── SamplingError            latents that cannot be sampled, or no mixture can be fitted to
    ├── ClusteringError          latents whose clustering cannot be measured
    ├── ExportError              a file that cannot be made of a run
    ├── LabError                 a lab that cannot be done, or whose report cannot be read
    ├── UploadError              a visitor's file that is no image we can read
    │   └── UploadBusyError      one that might be read later
    ├── TrainingDivergedError    the loss is no longer a finite number
    └── ProcessLostError         one of the processes that train a run has ended

A message is one sentence: what is wrong, the rule, the value received. Pages and the command line
show it unchanged.
"""


class AutoencoderError(Exception):
    """The base of every error this package raises on purpose."""


class ConfigError(AutoencoderError):
    """A RunConfig that cannot be trained."""


class DatasetError(AutoencoderError):
    """A data set that cannot be loaded."""


class RunError(AutoencoderError):
    """Something about a run folder."""


class UnknownRunError(RunError):
    """No run of that name."""


class CorruptRunError(RunError):
    """The run's folder does not hold what it should."""


class RunBusyError(RunError):
    """Another process is training the run."""


class ArchiveError(RunError):
    """A file that is no archive of runs."""


class JobError(AutoencoderError):
    """A job that cannot be started or does not make sense."""


class EngineError(AutoencoderError):
    """An engine that cannot be asked, or gives no sensible answer: it may be asked again."""


class EngineRefusedError(EngineError):
    """An engine that was asked for what it will never do."""


class ProjectionError(AutoencoderError):
    """Latents that cannot be projected with these parameters."""


class SamplingError(AutoencoderError):
    """Latents that cannot be sampled, or no mixture can be fitted to."""


class ClusteringError(AutoencoderError):
    """Latents whose clustering cannot be measured."""


class UploadError(AutoencoderError):
    """A visitor's file that is no image we can read."""


class UploadBusyError(UploadError):
    """A visitor's file that might be read later: too many others are being read."""


class ExportError(AutoencoderError):
    """A file that cannot be made of a run."""


class LabError(AutoencoderError):
    """A lab that cannot be done, or whose report cannot be read."""


class TrainingDivergedError(AutoencoderError):
    """The loss is no longer a finite number."""


class ProcessLostError(AutoencoderError):
    """One of the processes that train a run together has ended."""
