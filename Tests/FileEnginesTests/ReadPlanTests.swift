import Testing

@testable import FileEngines

/// Each row of the decision: facts, and what is done.
@Suite struct ReadPlanTests {
  static func plan(
    _ pageCache: FileEngineConfiguration.PageCacheUse = .auto, _ fileSystem: FileSystemKind = .local,
    _ change: (inout ReadPlan) -> Void = { _ in }
  ) -> ReadPlan {
    var plan = ReadPlan(pageCache: pageCache, fileSystem: fileSystem)
    change(&plan)
    return plan
  }

  @Test(
    arguments: [
      (.local, .cachedRead, .ring), (.ownCache, .cachedRead, .ring), (.memory, .cachedRead, .ring),
      (.layers, .cachedRead, .ringIfOnDisk), (.server, .cachedRead, .ring), (.daemon, .none, .helper),
    ] as [(FileSystemKind, ReadPlan.Attempt, ReadPlan.Path)])
  func first_read_by_file_system(_ fileSystem: FileSystemKind, _ attempt: ReadPlan.Attempt, _ path: ReadPlan.Path) {
    let plan = Self.plan(.auto, fileSystem) { $0.size = 100 }
    #expect(plan.attempt(at: 0) == attempt && plan.path == path)
    // With nothing in the cache, or direct reads, there is nothing to try.
    #expect(Self.plan(.auto, fileSystem) { $0.cached = .nothing }.attempt(at: 0) == .none)
    #expect(Self.plan(.auto, fileSystem) { $0.isDirect = true }.attempt(at: 0) == .none)
  }

  @Test func file_below_an_overlay_that_is_found_on_a_disk_is_like_any_other() {
    let found = Self.plan(.auto, .layers) { ($0.isFoundOnDisk, $0.size) = (true, 100) }
    #expect(found.path == .ring && found.attempt(at: 100) == .cachedRead)
    let unknown = Self.plan(.auto, .layers) { $0.size = 100 }
    #expect(unknown.attempt(at: 100) == .call && unknown.attempt(at: 99) == .cachedRead)
    #expect(Self.plan(.auto, .layers).attempt(at: 0) == .cachedRead)
    #expect(Self.plan(.auto, .layers) { ($0.size, $0.recentlyBlocked) = (100, true) }.attempt(at: 100) == .cachedRead)
  }

  @Test func kernel_is_asked_what_is_cached_only_where_that_may_spare_an_attempt() {
    #expect(Self.plan(.auto).countsCachedBytes(wereUncached: true))
    #expect(Self.plan(.use).countsCachedBytes(wereUncached: true))
    #expect(!Self.plan(.auto).countsCachedBytes(wereUncached: false))
    #expect(!Self.plan(.bypass).countsCachedBytes(wereUncached: true))
    for fileSystem in [FileSystemKind.ownCache, .memory, .layers, .server, .daemon] {
      #expect(!Self.plan(.auto, fileSystem).countsCachedBytes(wereUncached: true))
    }
    #expect(ReadPlan.cached(0) == .nothing && ReadPlan.cached(nil) == .unknown && ReadPlan.cached(4096) == .perhaps)
  }

  @Test func small_file_is_read_at_once_where_the_cache_may_have_it() {
    #expect(Self.plan(.auto).readsSmallFileAtOnce && Self.plan(.use, .server).readsSmallFileAtOnce)
    #expect(!Self.plan(.bypass).readsSmallFileAtOnce)
    #expect(!Self.plan(.auto, .memory).readsSmallFileAtOnce && !Self.plan(.auto, .layers).readsSmallFileAtOnce)
    for cached in [ReadPlan.Cached.nothing, .unknown] {
      #expect(!Self.plan(.auto) { $0.cached = cached }.readsSmallFileAtOnce)
    }
  }

  @Test(
    arguments: [
      (.auto, .perhaps, false), (.auto, .unknown, false), (.auto, .nothing, true), (.use, .perhaps, false),
      (.use, .nothing, false), (.bypass, .perhaps, true), (.bypass, .unknown, true), (.bypass, .nothing, true),
    ] as [(FileEngineConfiguration.PageCacheUse, ReadPlan.Cached, Bool)])
  func around_the_cache(_ use: FileEngineConfiguration.PageCacheUse, _ cached: ReadPlan.Cached, _ goes: Bool) {
    #expect(Self.plan(use) { $0.cached = cached }.goesAroundCache == goes)
  }

  @Test func disk_below_an_overlay_is_looked_for_where_the_ring_will_be_asked() {
    #expect(!Self.plan(.auto, .layers).looksForDisk)
    #expect(Self.plan(.auto, .layers) { $0.cached = .nothing }.looksForDisk)
    #expect(Self.plan(.auto, .layers) { $0.isDirect = true }.looksForDisk)
    #expect(Self.plan(.auto, .layers) { $0.recentlyBlocked = true }.looksForDisk)
    #expect(!Self.plan(.auto, .local) { ($0.isDirect, $0.recentlyBlocked) = (true, true) }.looksForDisk)
  }

  @Test func large_files_are_read_ahead() {
    let large = Self.plan(.auto) { $0.size = 3 * ReadAhead.worthwhile }
    #expect(large.readsAhead(from: 0) && large.readsAhead(from: 2 * ReadAhead.worthwhile))
    #expect(!large.readsAhead(from: 2 * ReadAhead.worthwhile + 1))
    #expect(!Self.plan(.auto, .daemon) { $0.size = 3 * ReadAhead.worthwhile }.readsAhead(from: 0))
    #expect(large.readsAheadAroundCache && large.watchesCache)
    #expect(!Self.plan(.use).readsAheadAroundCache && !Self.plan(.use).watchesCache)
    #expect(!Self.plan(.auto) { $0.isDirect = true }.readsAheadAroundCache)
  }

  @Test func reading_leaves_a_cache_that_has_less_than_half_of_what_comes() {
    let count = ReadPlan.countedBytes
    #expect(ReadPlan.staysInCache(cachedBytes: nil, of: count) && ReadPlan.staysInCache(cachedBytes: 0, of: count))
    #expect(ReadPlan.staysInCache(cachedBytes: count / 2, of: count))
    #expect(!ReadPlan.staysInCache(cachedBytes: count / 2 - 1, of: count))
  }

  @Test(
    arguments: [
      (.auto, .local, "from the page cache; what it lacks through the ring, around the page cache"),
      (.use, .local, "from the page cache; what it lacks through the ring"),
      (.bypass, .local, "through the ring, around the page cache"),
      (.auto, .layers, "through the ring where a disk is below, around the page cache"),
      (.auto, .daemon, "by system calls on helper threads: a daemon answers"),
    ] as [(FileEngineConfiguration.PageCacheUse, FileSystemKind, String)])
  func plan_is_said_in_a_clause(
    _ use: FileEngineConfiguration.PageCacheUse, _ fileSystem: FileSystemKind, _ clause: String
  ) {
    #expect("\(ReadingWay(Self.plan(use, fileSystem)))" == clause)
  }
}
