package dev.sallyport.benchmarks.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class KernelTest {
    private static final String STATUS = "Name:\tjava\nVmPeak:\t 9 kB\nVmHWM:\t  132096 kB\nVmRSS:\t  1 kB\n";
    private static final String SMAPS = """
        00400000-7ffd rollup    [rollup]
        Rss:               13108 kB
        Pss:                2708 kB
        Private_Clean:       100 kB
        Private_Dirty:      1696 kB
        """;

    @Test
    void memoryIsReadInBytes() {
        assertThat(ProcessMemory.parse(SMAPS, STATUS))
                .isEqualTo(new ProcessMemory(13108 * 1024, 1796 * 1024, 2708 * 1024, 132096L * 1024));
    }

    @Test
    void memoryThatIsMissingOrInOtherUnitsIsNotTakenForNone() {
        assertThatThrownBy(() -> ProcessMemory.parse(SMAPS, "Name: x\n")).hasMessageContaining("VmHWM: missing");
        assertThatThrownBy(() -> ProcessMemory.parse(SMAPS.replace("Pss", "SwapPss"), STATUS))
                .hasMessageContaining("Pss: missing");
        assertThatThrownBy(() -> ProcessMemory.parse(SMAPS.replace("13108 kB", "13 MB"), STATUS))
                .hasMessageContaining("Rss:               13 MB (expected: Rss: N kB)");
    }

    @Test
    void memoryAndPeakOfThisProcessCanBeAsked() throws Exception {
        ProcessMemory own = ProcessMemory.of(ProcessHandle.current().pid());
        assertThat(own.resident()).isBetween(own.privateBytes(), own.peak() + (64 << 20));
    }

    @Test
    void memoryOfSeveralIsTheSumOfEach() {
        ProcessMemory one = ProcessMemory.parse(SMAPS, STATUS);
        assertThat(ProcessMemory.NONE.plus(one).plus(one))
                .isEqualTo(new ProcessMemory(26216 * 1024, 3592 * 1024, 5416 * 1024, 264192L * 1024));
    }

    @Test
    void timeOfTheMachineIsSplitIntoOursStolenAndOthers() {
        MachineTime before = MachineTime.parse("cpu  100 0 50 800 10 0 5 35 0 0\ncpu0 1 2 3\n");
        MachineTime after = MachineTime.parse("cpu  160 0 70 880 20 0 5 65 7 7\n");
        MachineTime passed = after.since(before);
        assertThat(passed).isEqualTo(new MachineTime(200, 90, 30));
        assertThat(passed.stolenPercent()).isEqualTo(15);
        assertThat(passed.othersPercent(600_000_000)).isEqualTo(10);
        assertThat(passed.othersPercent(900_000_000)).isZero();
    }

    @Test
    void limitOfOpenFilesIsTheSoftOne() throws Exception {
        String limits = "Limit  Soft Limit  Hard Limit  Units\n"
                + "Max open files            1024                 4096                 files\n";
        assertThat(OpenFiles.parse(limits)).isEqualTo(1024);
        assertThat(OpenFiles.parse(limits.replace("1024", "unlimited"))).isEqualTo(Long.MAX_VALUE);
        assertThat(OpenFiles.limit()).isPositive();
        assertThatThrownBy(() -> OpenFiles.parse("Max processes 7\n")).hasMessageContaining("Max open files: missing");
    }

    @Test
    void timeOfTheMachineInAnotherFormIsRefused() {
        assertThatThrownBy(() -> MachineTime.parse("cpu0 1 2 3 4 5 6 7 8")).hasMessageContaining("expected: cpu");
        assertThatThrownBy(() -> MachineTime.parse("cpu  1 2 3")).hasMessageContaining("at least 8 numbers");
    }

    @Test
    void clockOfAProcessRunsWhenItWorks() {
        long pid = ProcessHandle.current().pid();
        long before = ProcessClock.nanos(pid);
        long now = before;
        while (now - before < 2_000_000) { // would not end if the clock stood still
            now = ProcessClock.nanos(pid);
        }
        assertThat(before).isPositive();
    }

    @Test
    void processThatIsNotThereHasNoClock() throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        assertThatThrownBy(() -> ProcessClock.nanos(ended.pid())).hasMessageContaining("expected: a live process");
    }

    @Test
    void clockOfAThreadCountsItAloneByTheBeginningOfItsName() throws Exception {
        long pid = ProcessHandle.current().pid();
        assertThat(ThreadClock.nanos(pid, "bench-kernel")).isZero();
        Thread worker = Thread.ofPlatform().name("bench-kernel-test").start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
        });
        long now = 0;
        while (now < 2_000_000) { // would not end if it were not counted
            now = ThreadClock.nanos(pid, "bench-kernel");
        }
        assertThat(now).isLessThan(ProcessClock.nanos(pid));
        worker.interrupt();
        worker.join();
    }
}
